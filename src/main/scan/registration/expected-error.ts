import type { StagePlace } from './solve-places.ts'
import { type StageErrorModel, stageErrorAt } from './stage-error-model.ts'

/** A field that is placed: where the stage says it is, and where it is. */
export interface PlacedField {
  readonly stage: StagePlace
  readonly place: StagePlace
}

/** So many placed fields near a new one tell what the stage is off there, until it is understood. */
const NEIGHBOURS = 4
/** A scatter estimated from a few fields may be smaller than it is. */
const SCATTERS = 3

/**
 * What the stage is off at a place, and how far that may be wrong (standard error along each axis), slide pixels: by its learned error where
 * fields of that column and row were seen, else as at the nearest fields, else nothing.
 * @param placeErrorPx how far neighbours may lie to each other from where the stage says.
 */
export function expectedError(
  at: StagePlace,
  placed: readonly PlacedField[],
  model: StageErrorModel | null,
  pixelSizeUm: number,
  placeErrorPx: number,
): StagePlace & { readonly errorPx: number } {
  const known = model && stageErrorAt(model, at, pixelSizeUm)
  if (known) return { ...known, errorPx: SCATTERS * model.scatterPx }
  const near = placed
    .map(({ stage, place }) => ({
      far: Math.hypot(stage.xPx - at.xPx, stage.yPx - at.yPx),
      xPx: place.xPx - stage.xPx,
      yPx: place.yPx - stage.yPx,
    }))
    .sort((a, b) => a.far - b.far)
    .slice(0, NEIGHBOURS)
  if (near.length === 0) return { xPx: 0, yPx: 0, errorPx: placeErrorPx }
  const weights = near.map(({ far }) => 1 / (1 + far * far))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const mean = (axis: 'xPx' | 'yPx') => near.reduce((sum, each, i) => sum + weights[i]! * each[axis], 0) / total
  return { xPx: mean('xPx'), yPx: mean('yPx'), errorPx: placeErrorPx / 2 }
}
