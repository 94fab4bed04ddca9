import { MedullaError } from '../../../shared/errors.ts'
import { type Rect, type StageUm, stageUm } from '../../../shared/geometry.ts'
import type { RgbImage } from '../../../shared/image.ts'
import { type Camera, captureAfter } from '../../microscope/camera/camera.ts'
import { FOCUS_RANGE_UM, findFocus, findFocusNear } from '../../microscope/focus/find-focus.ts'
import { fitFocusMap, predictFocus } from '../../microscope/focus/focus-map.ts'
import type { FocusPoint } from '../../microscope/focus/focus-plane.ts'
import { focusScore } from '../../microscope/focus/focus-score.ts'
import type { StageRig } from '../../microscope/rig.ts'
import type { Stage } from '../../microscope/stage/stage.ts'
import { goTo } from '../go-to.ts'
import { COARSE_LAG_PX, LEAST_COARSE } from './sharpness.ts'

/** How far beyond the heights that were found the map's ends may reach, micrometres: what lies out there was never in focus. */
const BEYOND_UM = 12
/** Where the first search is tried, shares of the extent: the middle, then round it. */
const FIRST_TRIES = [
  [0.5, 0.5],
  [0.65, 0.5],
  [0.35, 0.5],
  [0.5, 0.3],
  [0.5, 0.7],
  [0.8, 0.35],
  [0.8, 0.65],
  [0.2, 0.35],
  [0.2, 0.65],
  [0.5, 0.12],
  [0.5, 0.88],
  [0.9, 0.9],
  [0.1, 0.1],
] as const

type Asked = Pick<StageRig, 'stage' | 'camera' | 'workingZUm'>

/** Cells some micrometres out of focus still show their coarse detail. */
const SWEEP_STEP_UM = 5

export interface FirstFocus extends FocusPoint {
  /** Cells or red cells lie there; false: a speck on bare glass was all that came into focus. */
  readonly onSmear: boolean
}

/**
 * The first height of focus on a slide of which nothing is known but about how thick it is: on the smear, else on whatever there is; null: nothing
 * comes into focus anywhere. The objective is out of the way between tries.
 * @param showsSmear whether an image shows stained cells.
 */
export async function firstFocus(
  { stage, camera, workingZUm }: Asked,
  extent: Rect<StageUm>,
  showsSmear: (image: RgbImage) => Promise<boolean>,
  signal: AbortSignal,
): Promise<FirstFocus | null> {
  let speck: FirstFocus | null = null
  for (const [across, down] of FIRST_TRIES) {
    const at = stageUm(extent.origin.x + across * extent.width, extent.origin.y + down * extent.height)
    await stage.moveTo({ zUm: stage.retractedZUm }, signal)
    await stage.moveTo({ xUm: at.x, yUm: at.y }, signal)
    const roughZUm = await roughHeight(stage, camera, workingZUm, signal)
    if (roughZUm === null) continue
    const { found, zUm } = await findFocus(stage, camera, { aroundZUm: roughZUm, rangeUm: 2 * SWEEP_STEP_UM }, signal)
    if (!found) continue
    const image = await captureAfter(camera, performance.now(), signal)
    if (await showsSmear(image)) return { x: at.x, y: at.y, zUm, onSmear: true }
    speck ??= { x: at.x, y: at.y, zUm, onSmear: false }
  }
  return speck
}

/**
 * The sharpest of a few heights over the whole range in which a slide may lie; null: none shows anything, as on bare glass. A search for focus
 * would look far longer before it gave up.
 */
async function roughHeight(
  stage: Stage,
  camera: Camera,
  aroundZUm: number,
  signal: AbortSignal,
): Promise<number | null> {
  const { minUm, maxUm } = stage.limits.z
  let best = { zUm: aroundZUm, score: LEAST_COARSE }
  let found = false
  for (let offUm = -FOCUS_RANGE_UM; offUm <= FOCUS_RANGE_UM; offUm += SWEEP_STEP_UM) {
    const zUm = aroundZUm + offUm
    if (zUm < minUm || zUm > maxUm) continue
    await stage.moveTo({ zUm }, signal)
    const score = focusScore(await captureAfter(camera, performance.now(), signal), COARSE_LAG_PX)
    if (score <= best.score) continue
    best = { zUm, score }
    found = true
  }
  return found ? best.zUm : null
}

export function nothingInFocus(): MedullaError {
  return new MedullaError('device-failed', 'Nothing in the area came into focus.', {
    remedy:
      'Check that a smear lies under the objective with its stained side up, and the lamp is on; or give the area in which the smear lies.',
    motionPossible: true,
  })
}

export interface FocusedPlaces {
  /** Where focus was found, the first one included. */
  readonly points: FocusPoint[]
  /** How long each search took without the way there, ms. */
  readonly searchMs: number[]
}

/** Focus is searched at these places, each from the height of the one before; places that show nothing are left out. */
export async function focusAt(
  { stage, camera }: Asked,
  places: readonly StageUm[],
  first: FocusPoint,
  onPlace: (done: number) => void,
  signal: AbortSignal,
): Promise<FocusedPlaces> {
  const points: FocusPoint[] = [first]
  const searchMs: number[] = []
  for (const [i, place] of places.entries()) {
    onPlace(i)
    await goTo(stage, { xUm: place.x, yUm: place.y }, await stage.position(), signal)
    const startedMs = performance.now()
    const { found, zUm } = await findFocusNear(stage, camera, points.at(-1)!.zUm, signal)
    searchMs.push(performance.now() - startedMs)
    if (found) points.push({ x: place.x, y: place.y, zUm })
  }
  return { points, searchMs }
}

/** Heights by the map through the points, which reaches no farther up or down than a little beyond them. */
export function cautiousHeight(points: readonly FocusPoint[]): (at: StageUm) => number {
  const map = fitFocusMap(points)
  const heights = points.map(({ zUm }) => zUm)
  const [low, high] = [Math.min(...heights) - BEYOND_UM, Math.max(...heights) + BEYOND_UM]
  return (at) => Math.min(high, Math.max(low, predictFocus(map, at)))
}
