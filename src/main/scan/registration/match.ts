import type { FieldPx } from '../../../shared/geometry.ts'
import type { RgbImage } from '../../../shared/image.ts'
import { type GreyPlane, greyPlane } from '../../microscope/calibration/grey-plane.ts'
import { LEAST_CERTAINTY, register } from '../../microscope/calibration/register.ts'
import type { Binning } from '../../slide/slide.ts'
import type { ComparedScale } from './compared-scale.ts'
import { detailPlane } from './detail-plane.ts'
import { type Likeness, likeness, type Offset } from './likeness.ts'
import { sparseShift } from './sparse-shift.ts'

/**
 * Images of one place are more alike, images of two places or of nothing less: on simulated smears at least 0.6 against at most 0.2, where
 * anything lies in the overlap at all.
 */
export const LEAST_SCORE = 0.4
/** A platelet has some thirty pixels of detail; a stuck pixel in each image less than this. */
const LEAST_PIXELS = 20
/**
 * What little lies in an overlap that phase correlation does not tell the shift of is as alike as this where it is the same: above 0.9 tried with
 * discs of 5 to 20 um of a smear. Rims of two other things came to 0.6.
 */
const LEAST_SCORE_SPARSE = 0.7
/** Where something else in reach is nearly as much alike, it is not said which it is. */
const CLEARLY_BETTER = 0.2

/**
 * Where both fields show so much detail whatever the shift, grey levels, the same thing in both would be seen to be the same: noise is
 * a few tenths. On simulated smears nothing unmatched came to more than 1.7 where fields lay within reach, and overlaps full of cells have 6 to 20.
 */
const LEAST_DETAIL = 4

/** A part of a field, no coarser than it is compared at. */
export interface FieldPart {
  readonly image: RgbImage
  /** Upper left corner in the field, field pixels. */
  readonly corner: FieldPx
  /** Field pixels along each side of one of its pixels. */
  readonly binning: Binning
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
  /**
   * Both show plenty wherever within reach the one is put on the other, and nowhere the same: they do not lie there. false: they match, or there
   * is too little in the overlap to tell.
   */
  readonly unlike: boolean
}

export const NO_MATCH: Match = { offset: null, score: 0, errorPx: null, unlike: false }

/** Compared pixels. Tried on simulated smears: a few hundredths; what a lens distorts towards the rim comes on top. */
const DENSE_ERROR = 0.1
const SPARSE_ERROR = 0.3

/** A part made ready, in pixels that are compared. */
export interface ReadyPart {
  readonly grey: GreyPlane
  readonly details: GreyPlane
  /** Field pixels. */
  readonly corner: FieldPx
}

export function readyPart({ image, corner, binning }: FieldPart, scale: ComparedScale): ReadyPart {
  const grey = { ...greyPlane(image, scale.binning / binning), binned: 1 }
  return { grey, details: detailPlane(grey, scale.pixelUm), corner }
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
  { binning, pixelUm }: ComparedScale,
  expected: { readonly xPx: number; readonly yPx: number },
  reachPx: number,
): Match {
  // What lies at p in the one lies at p - (place of the other - place of the one) in the other.
  const moved = (offset: { readonly xPx: number; readonly yPx: number }): Offset => ({
    x: (from.corner.x - to.corner.x - offset.xPx) / binning,
    y: (from.corner.y - to.corner.y - offset.yPx) / binning,
  })
  const offsetOf = (by: Offset) => ({
    xPx: from.corner.x - to.corner.x - binning * by.x,
    yPx: from.corner.y - to.corner.y - binning * by.y,
  })
  const guess = moved(expected)
  const inReach = (by: Offset) => Math.max(Math.abs(by.x - guess.x), Math.abs(by.y - guess.y)) <= reachPx / binning
  const shift = register(from.grey, to.grey, { xPx: guess.x, yPx: guess.y })
  const dense = { x: shift.xPx, y: shift.yPx }
  if (shift.certainty >= LEAST_CERTAINTY && inReach(dense)) {
    const alike = likeness(from.details, to.details, rounded(dense))
    if (convinces(alike, LEAST_SCORE))
      return { offset: offsetOf(dense), score: alike.score, errorPx: DENSE_ERROR * binning, unlike: false }
  }
  const sparse = sparseShift(from.details, to.details, guess, reachPx / binning, pixelUm)
  if (sparse === null) return NO_MATCH
  if (!convinces(sparse, LEAST_SCORE_SPARSE)) {
    const unlike = sparse.score < LEAST_SCORE && sparse.leastDetail >= LEAST_DETAIL
    return { ...NO_MATCH, score: Math.min(sparse.score, LEAST_SCORE), unlike }
  }
  if (sparse.score - sparse.next < CLEARLY_BETTER) return NO_MATCH
  return { offset: offsetOf(sparse.by), score: sparse.score, errorPx: SPARSE_ERROR * binning, unlike: false }
}

const convinces = ({ score, pixels }: Likeness, least: number): boolean => score >= least && pixels >= LEAST_PIXELS

const rounded = ({ x, y }: Offset): Offset => ({ x: Math.round(x), y: Math.round(y) })
