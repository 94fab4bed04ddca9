import type { SlideShift } from '../../shared/contract/runs.ts'
import type { Field } from '../../shared/contract/slide.ts'
import { MedullaError } from '../../shared/errors.ts'
import type { RgbImage } from '../../shared/image.ts'
import { findFocusNear } from '../microscope/focus/find-focus.ts'
import type { StageRig } from '../microscope/rig.ts'
import type { StagePosition } from '../microscope/stage/stage.ts'
import { exposeNew } from './expose.ts'
import type { GivenImages } from './given-images.ts'
import { wholePart } from './registration/cut-part.ts'
import type { Registrar } from './registration/registrar.ts'

/**
 * As far as this, along each axis, a stage may come back to a place off by wear and warmth: neighbours are registered to each other all the
 * same, and nothing is corrected, so that a run that was only interrupted sees the very images it would have seen.
 */
export const COMES_BACK_WITHIN_UM = 4
/** Farther off a field's image still tells by how much, as share of its shorter side. */
const REACH = 0.4
/** Where the newest field shows nothing to go by, the ones before are asked. */
const MOST_FIELDS_ASKED = 12

export const NO_SHIFT: SlideShift = { xUm: 0, yUm: 0, zUm: 0 }

/** What became of the comparison with the last field. */
export type LastFieldMatch =
  | { readonly kind: 'same'; readonly field: number; readonly offUm: SlideShift; readonly score: number }
  | { readonly kind: 'shifted'; readonly field: number; readonly shift: SlideShift; readonly score: number }
  /** No field has a cell in it: there is nothing to go by. */
  | { readonly kind: 'nothing-to-compare' }

export interface LastFieldParts {
  readonly rig: StageRig
  /** By the rig's camera, up to now. */
  readonly given: GivenImages
  readonly pixelSizeUm: number
  /** Committed fields of the run, by index. */
  readonly fields: readonly Field[]
  /** The image that was kept of one. */
  readonly kept: (index: number) => Promise<RgbImage>
  readonly registrar: Registrar
  /** Where the stage was sent for a field when the slide lay as it did when the run began. */
  readonly target: (field: Field) => StagePosition
  /** Known from an earlier resumption. */
  readonly shift: SlideShift
}

/**
 * Exposes the run's last field again and compares it with the image that was kept of it, before the run goes on: whether it is the same slide,
 * and where it was. A slide that was moved a little, or a controller that lost its origin, is told by how much. Leaves the objective at that field. Rejects
 * `slide-changed` where what is seen is not what was kept, and as stage and camera do.
 */
export async function matchLastField(parts: LastFieldParts, signal: AbortSignal): Promise<LastFieldMatch> {
  const { shift, pixelSizeUm, registrar } = parts
  const last = await lastWithCells(parts)
  if (!last) return { kind: 'nothing-to-compare' }
  const { field, kept } = last
  /** Where what is seen lies from where it was kept, with the slide taken to lie so; null: the images do not tell. */
  const off = async (taken: SlideShift, reachUm: number) => {
    const seen = await exposeAt(parts, field, taken, signal)
    const expected = { xPx: 0, yPx: 0 }
    const { offset, score } = await registrar.match({
      from: wholePart(kept),
      fromSize: kept,
      to: seen,
      pixelSizeUm,
      expected,
      reachPx: reachUm / pixelSizeUm,
    })
    return offset && { xUm: offset.xPx * pixelSizeUm, yUm: offset.yPx * pixelSizeUm, zUm: 0, score }
  }
  const near = await off(shift, COMES_BACK_WITHIN_UM)
  if (near && isWithin(near)) return { kind: 'same', field: field.index, offUm: near, score: near.score }
  const reachUm = REACH * Math.min(kept.widthPx, kept.heightPx) * pixelSizeUm
  let taken = shift
  let found = await off(taken, reachUm)
  if (!found) {
    // A slide that was taken out lies higher or lower than before.
    taken = { ...shift, zUm: await refocused(parts, field, shift, signal) }
    found = await off(taken, reachUm)
  }
  if (!found) throw slideChanged(field.index)
  // What is seen belongs to a place so far from where the stage was sent: the slide lies the other way.
  const corrected = shifted(taken, { xUm: -found.xUm, yUm: -found.yUm, zUm: 0 })
  const proof = await off(corrected, COMES_BACK_WITHIN_UM)
  if (!proof || !isWithin(proof)) throw slideChanged(field.index)
  return { kind: 'shifted', field: field.index, shift: corrected, score: proof.score }
}

const isWithin = ({ xUm, yUm }: { readonly xUm: number; readonly yUm: number }): boolean =>
  Math.max(Math.abs(xUm), Math.abs(yUm)) <= COMES_BACK_WITHIN_UM

async function exposeAt(
  { rig, given, target }: LastFieldParts,
  field: Field,
  shift: SlideShift,
  signal: AbortSignal,
): Promise<RgbImage> {
  const at = await rig.stage.moveTo(shifted(target(field), shift), signal)
  return exposeNew(rig.camera, given, at, () => undefined, signal)
}

/** null: none of the last fields has a cell in it, or none of those can be read any more. */
async function lastWithCells({ fields, kept }: LastFieldParts): Promise<{ field: Field; kept: RgbImage } | null> {
  for (const field of fields.slice(-MOST_FIELDS_ASKED).reverse()) {
    if (field.cells === 0 || field.stage === null) continue
    try {
      return { field, kept: await kept(field.index) }
    } catch (error) {
      if (!(error instanceof MedullaError) || error.code !== 'image-unreadable') throw error
    }
  }
  return null
}

/** How far the slide's height is from where it was, by the place at which the objective stands. */
async function refocused(
  { rig, target }: LastFieldParts,
  field: Field,
  shift: SlideShift,
  signal: AbortSignal,
): Promise<number> {
  const { zUm } = shifted(target(field), shift)
  const expectedUm = zUm - rig.focusOffsetUm
  const focus = await findFocusNear(rig.stage, rig.camera, expectedUm, signal)
  return focus.found ? shift.zUm + focus.zUm - expectedUm : shift.zUm
}

/** Where the stage has to go, for a place of the slide as it lay when the run began. */
export function shifted(at: StagePosition, by: SlideShift): StagePosition {
  return { xUm: at.xUm + by.xUm, yUm: at.yUm + by.yUm, zUm: at.zUm + by.zUm }
}

/** The other way round. */
export function unshifted(at: StagePosition, by: SlideShift): StagePosition {
  return shifted(at, { xUm: -by.xUm, yUm: -by.yUm, zUm: -by.zUm })
}

function slideChanged(field: number): MedullaError {
  return new MedullaError(
    'slide-changed',
    `What is seen where field ${field} was scanned is not what was kept of it: another slide, or one that was moved.`,
    {
      remedy:
        'Put the slide back as it lay and resume; or start a new run; or, if you are sure that it is the same, go on anyway.',
      values: { field },
    },
  )
}
