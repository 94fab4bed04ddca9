import type { FieldFocus } from '../../../shared/contract/quality.ts'
import type { RgbImage } from '../../../shared/image.ts'
import { focusScore } from '../../microscope/focus/focus-score.ts'
import type { StagePosition } from '../../microscope/stage/stage.ts'
import { edgeWidths } from '../../vision/quality/edge-width.ts'
import { fusePlanes, shareSharper, sharpnessOf } from './fuse-planes.ts'

/** An exposure of a field, and how sharp it is. */
export interface Plane {
  readonly image: RgbImage
  readonly stage: StagePosition
  readonly edgeWidthUm: number | null
  /** Comparable between planes of the same field: see `focusScore`. */
  readonly score: number
}

export interface SeenThrough {
  readonly plane: Omit<Plane, 'score'>
  /** null: one exposure. */
  readonly focus: FieldFocus | null
}

export interface Refocusing {
  /** Exposes at a height, where the field lies. */
  readonly planeAt: (zUm: number) => Promise<Plane>
  readonly isSharp: (edgeWidthUm: number | null) => boolean
  readonly likelierUp: boolean
  readonly pixelSizeUm: number
  readonly minZUm: number
  readonly maxZUm: number
}

/** Between planes: the depth of field of an oil objective, 0.5 um (1.5 wavelengths over the squared aperture), with what a camera adds. */
const STEP_UM = 0.8
const MOST_PLANES = 9
/** A field is thick where each of two planes is much sharper than the other in this share of it. */
const THICK_SHARE = 0.15
/** A field that is thin gets sharper nearly everywhere. */
const MOST_OF_IT = 0.6

export function planeOf(image: RgbImage, stage: StagePosition, pixelSizeUm: number): Plane {
  return { image, stage, edgeWidthUm: edgeWidths(image, pixelSizeUm).edgeWidthUm, score: focusScore(image) }
}

/**
 * A short z-stack at a field whose first exposure was blurred: one depth of field up or down, on while it gets sharper, the other way if it does not, and
 * at last the vertex of a parabola. Ends at the first plane that is as sharp as the run's sharpest. Where each plane shows another part of the field sharp
 * (a thick smear), all there are within reach are put together. The same images give the same result.
 */
export async function refocus(first: Plane, parts: Refocusing): Promise<SeenThrough> {
  const planes = new Map([[Math.round(first.stage.zUm * 10) / 10, first]])
  let best = first
  const look = async (zUm: number): Promise<Plane | null> => {
    const rounded = Math.round(zUm * 10) / 10
    if (planes.size >= MOST_PLANES || planes.has(rounded) || rounded < parts.minZUm || rounded > parts.maxZUm)
      return null
    const plane = await parts.planeAt(rounded)
    planes.set(rounded, plane)
    if (plane.score > best.score) best = plane
    return plane
  }
  const isDone = () => best !== first && parts.isSharp(best.edgeWidthUm)

  for (const up of [parts.likelierUp, !parts.likelierUp]) {
    let from = first
    for (let step = 1; !isDone(); step++) {
      const plane = await look(first.stage.zUm + (up ? step : -step) * STEP_UM)
      if (!plane || plane.score <= from.score) break
      from = plane
    }
    // It got sharper this way: the other way is worse.
    if (best !== first) break
  }
  // Only some of it got sharper: the rest may lie the other way.
  if (best !== first && shareSharper(sharpnessOf(first.image), sharpnessOf(best.image)) < MOST_OF_IT)
    await look(first.stage.zUm - Math.sign(best.stage.zUm - first.stage.zUm) * STEP_UM)
  if (isThick([...planes.values()])) {
    for (const steps of [1, -1, 2, -2, 3, -3]) await look(first.stage.zUm + steps * STEP_UM)
    return fused([...planes.values()], parts.pixelSizeUm, best)
  }
  if (!isDone()) await look(vertexOf(best, planes))
  return { plane: best, focus: planes.size < 2 ? null : { planes: planes.size, fused: false } }
}

function isThick(planes: readonly Plane[]): boolean {
  const sharpness = planes.map(({ image }) => sharpnessOf(image))
  return sharpness.some((a, i) =>
    sharpness.slice(i + 1).some((b) => shareSharper(a, b) > THICK_SHARE && shareSharper(b, a) > THICK_SHARE),
  )
}

async function fused(planes: readonly Plane[], pixelSizeUm: number, { stage }: Plane): Promise<SeenThrough> {
  const image = await fusePlanes(planes.map((plane) => plane.image))
  const { edgeWidthUm } = edgeWidths(image, pixelSizeUm)
  return { plane: { image, stage, edgeWidthUm }, focus: { planes: planes.length, fused: true } }
}

/** Of the parabola through the logarithms of the best score and its neighbours'. */
function vertexOf(best: Plane, planes: ReadonlyMap<number, Plane>): number {
  const zUm = best.stage.zUm
  const near = [...planes].filter(([height]) => Math.abs(height - zUm) < 1.5 * STEP_UM)
  const below = near.filter(([height]) => height < zUm).at(-1)?.[1]
  const above = near.filter(([height]) => height > zUm).at(-1)?.[1]
  if (!below || !above || Math.min(below.score, above.score) <= 0) return zUm
  const [low, top, high] = [below, best, above].map(({ score }) => Math.log(score))
  const bend = low - 2 * top + high
  return bend >= 0 ? zUm : zUm + (STEP_UM / 2) * ((low - high) / bend)
}
