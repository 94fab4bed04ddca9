import type { FieldPx } from '../../../shared/geometry.ts'
import type { RgbImage } from '../../../shared/image.ts'
import { type GreyPlane, greyPlane } from '../../microscope/calibration/grey-plane.ts'
import { LEAST_CERTAINTY, register } from '../../microscope/calibration/register.ts'
import { detailPlane } from './detail-plane.ts'
import { type Likeness, likeness, type Offset } from './likeness.ts'
import { sparseShift } from './sparse-shift.ts'

/** Field pixels along each side of a pixel that is compared: what a microscope resolves is still there. */
export const BINNING = 2

/**
 * Images of one place are more alike, images of two places or of nothing less: on simulated smears at least 0.6 against at most 0.2, where
 * anything lies in the overlap at all.
 */
export const LEAST_SCORE = 0.4
/** A platelet has some thirty pixels of detail; a stuck pixel in each image less than this. */
const LEAST_PIXELS = 20
/** Where something else in reach is nearly as much alike, it is not said which it is. */
const CLEARLY_BETTER = 0.2

/** A part of a field, as much finer than `BINNING` as it likes. */
export interface FieldPart {
  readonly image: RgbImage
  /** Upper left corner in the field. */
  readonly corner: FieldPx
  /** Field pixels along each side of one of its pixels: 1 or 2. */
  readonly binning: 1 | 2
}

/** How one field lies to another, as their images tell. */
export interface Match {
  /** The other field's place less this one's, field pixels; null: the images do not tell. */
  readonly offset: { readonly xPx: number; readonly yPx: number } | null
  /**
   * Likeness of what both show, 0 to 1: the correlation of their details once the one is moved onto the other (see `likeness`). Near 0 where
   * nothing is there but noise, or nothing alike was found in reach.
   */
  readonly score: number
  /** Standard error of the offset along each axis, field pixels; null: there is none. */
  readonly errorPx: number | null
}

export const NO_MATCH: Match = { offset: null, score: 0, errorPx: null }

/** Tried on simulated smears: a few hundredths of a pixel; what a lens distorts towards the rim comes on top. */
const DENSE_ERROR_PX = 0.2
const SPARSE_ERROR_PX = 0.6

/** A part made ready, in pixels of `BINNING`. */
export interface ReadyPart {
  readonly grey: GreyPlane
  readonly details: GreyPlane
  readonly corner: FieldPx
}

export function readyPart({ image, corner, binning }: FieldPart): ReadyPart {
  const grey = { ...greyPlane(image, BINNING / binning), binned: 1 }
  return { grey, details: detailPlane(grey), corner }
}

/**
 * Phase correlation tells the shift; the likeness of everything both fields show tells whether to believe it. Where the overlap is nearly
 * empty, and whitening would raise its noise to the height of its one cell, the plain correlation of the details is asked.
 *
 * @param expected the other field's place less this one's, by the stage. @param reachPx how far off that may be along each axis.
 * Both field pixels.
 */
export function matchParts(
  from: ReadyPart,
  to: ReadyPart,
  expected: { readonly xPx: number; readonly yPx: number },
  reachPx: number,
): Match {
  // What lies at p in the one lies at p - (place of the other - place of the one) in the other.
  const moved = (offset: { readonly xPx: number; readonly yPx: number }): Offset => ({
    x: (from.corner.x - to.corner.x - offset.xPx) / BINNING,
    y: (from.corner.y - to.corner.y - offset.yPx) / BINNING,
  })
  const offsetOf = (by: Offset) => ({
    xPx: from.corner.x - to.corner.x - BINNING * by.x,
    yPx: from.corner.y - to.corner.y - BINNING * by.y,
  })
  const guess = moved(expected)
  const inReach = (by: Offset) => Math.max(Math.abs(by.x - guess.x), Math.abs(by.y - guess.y)) <= reachPx / BINNING
  const shift = register(from.grey, to.grey, { xPx: guess.x, yPx: guess.y })
  const dense = { x: shift.xPx, y: shift.yPx }
  if (shift.certainty >= LEAST_CERTAINTY && inReach(dense)) {
    const alike = likeness(from.details, to.details, rounded(dense))
    if (convinces(alike)) return { offset: offsetOf(dense), score: alike.score, errorPx: DENSE_ERROR_PX }
  }
  const sparse = sparseShift(from.details, to.details, guess, reachPx / BINNING)
  if (sparse === null) return NO_MATCH
  if (!convinces(sparse)) return { ...NO_MATCH, score: Math.min(sparse.score, LEAST_SCORE) }
  if (sparse.score - sparse.next < CLEARLY_BETTER) return NO_MATCH
  return { offset: offsetOf(sparse.by), score: sparse.score, errorPx: SPARSE_ERROR_PX }
}

const convinces = ({ score, pixels }: Likeness): boolean => score >= LEAST_SCORE && pixels >= LEAST_PIXELS

const rounded = ({ x, y }: Offset): Offset => ({ x: Math.round(x), y: Math.round(y) })
