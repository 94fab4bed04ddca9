import type { Camera } from '../camera/camera.ts'
import type { Stage } from '../stage/stage.ts'
import { focusScore } from './focus-score.ts'

/** How far from its start a search looks, micrometres up and down. */
export const FOCUS_RANGE_UM = 32

export interface FocusSearch {
  /** Where to start; by default where the objective stands. */
  readonly aroundZUm?: number
  readonly rangeUm?: number
}

export interface FocusFound {
  /** Where the objective now stands: whole tenths of a micrometre, or the start itself where nothing was sharper. */
  readonly zUm: number
  readonly score: number
  readonly startScore: number
  /** Images taken. */
  readonly captures: number
  /** False: nothing stood out (an empty or uniform place), the height says little. */
  readonly found: boolean
}

/** How far from a neighbouring place's focus a first look goes, micrometres. */
const NEAR_RANGE_UM = 6

/** From afar, near, fine: step of the climb in micrometres, and the size of detail it goes by (`focusScore`). */
const CLIMBS = [
  { stepUm: 4, detail: 'coarse' },
  { stepUm: 1.6, detail: 'coarse' },
  { stepUm: 0.6, detail: 'fine' },
] as const
const FINEST_UM = CLIMBS[CLIMBS.length - 1].stepUm
const COARSE_LAG_PX = 8
const FINE_LAG_PX = 2
/** A peak stands out when it is this many times the lowest score seen, and not of noise alone. */
const PROMINENCE = 1.5
/** Coarse score that cells, even some 10 um out of focus, reach and the noise of a camera does not. */
const LEAST_SCORE = 2e-4

interface Measured {
  readonly zUm: number
  readonly fine: number
  readonly coarse: number
}

/**
 * Finds the height of best focus at the present x and y and leaves the objective there: climbs towards sharper images in ever
 * smaller steps; looks through the whole range where the climb finds no peak that stands out; then goes to the vertex of a parabola
 * through the best three. Ends at the sharpest height it saw, so never blurrier than it began. The same images give the same
 * height. Rejects as stage and camera do; the objective then stays where it was last sent.
 */
export async function findFocus(
  stage: Stage,
  camera: Camera,
  search: FocusSearch = {},
  signal?: AbortSignal,
): Promise<FocusFound> {
  const { minUm, maxUm } = stage.limits.z
  const startZUm = search.aroundZUm ?? (await stage.position()).zUm
  const rangeUm = search.rangeUm ?? FOCUS_RANGE_UM
  const lowUm = Math.max(minUm, startZUm - rangeUm)
  const highUm = Math.min(maxUm, startZUm + rangeUm)
  const seen = new Map<number, Measured>()

  /** Those heights that are within range. The stage goes on to the next while the last image is still on its way. */
  const measure = async (...heights: readonly number[]): Promise<Measured[]> => {
    const measuring: Promise<Measured>[] = []
    for (const height of heights) {
      const zUm = height === startZUm ? height : Math.round(height * 10) / 10
      if (zUm < lowUm || zUm > highUm) continue
      const known = seen.get(zUm)
      if (known) {
        measuring.push(Promise.resolve(known))
        continue
      }
      await stage.moveTo({ zUm }, signal)
      const { frame } = await camera.startCaptureAfter(performance.now(), signal)
      const measured = frame.then((image) => ({
        zUm,
        fine: focusScore(image, FINE_LAG_PX),
        coarse: focusScore(image, COARSE_LAG_PX),
      }))
      // Its failure is met below, or not at all where a later height failed first.
      measured.catch(() => undefined)
      measuring.push(measured)
    }
    const measured = await Promise.all(measuring)
    for (const each of measured) seen.set(each.zUm, each)
    return measured
  }

  const climb = async (from: Measured, stepUm: number, detail: 'coarse' | 'fine'): Promise<Measured> => {
    let best = from
    for (;;) {
      const better = highest(await measure(best.zUm - stepUm, best.zUm + stepUm), detail)
      if (!better || better[detail] <= best[detail]) return best
      best = better
    }
  }

  const standsOut = () => {
    const peaks = (['coarse', 'fine'] as const).filter((detail) => {
      const scores = [...seen.values()].map((each) => each[detail])
      return Math.max(...scores) > PROMINENCE * Math.max(0, Math.min(...scores))
    })
    return peaks.length > 0 && Math.max(...[...seen.values()].map(({ coarse }) => coarse)) > LEAST_SCORE
  }

  const [start] = await measure(startZUm)
  if (!start) throw new RangeError(`a focus search from ${startZUm} um, outside the stage's limits`)
  let best = start
  let sure = false
  for (const { stepUm, detail } of CLIMBS) {
    // In a narrow range the wide steps lead nowhere.
    if (stepUm > rangeUm / 3 && stepUm !== FINEST_UM) continue
    best = await climb(best, stepUm, detail)
    if (sure || standsOut()) continue
    sure = true
    const steps = Math.floor((highUm - lowUm) / stepUm) + 1
    await measure(...Array.from({ length: steps }, (_, i) => lowUm + i * stepUm))
    best = highest([...seen.values()], detail) ?? best
  }
  const below = seen.get(Math.round((best.zUm - FINEST_UM) * 10) / 10)
  const above = seen.get(Math.round((best.zUm + FINEST_UM) * 10) / 10)
  await measure(vertex(best, below, above))

  const sharpest = highest([...seen.values()], 'fine') ?? start
  await stage.moveTo({ zUm: sharpest.zUm }, signal)
  return {
    zUm: sharpest.zUm,
    score: sharpest.fine,
    startScore: start.fine,
    captures: seen.size,
    found: standsOut(),
  }
}

/**
 * `findFocus` where focus is known at a place not far away: looks near that height first, and through the whole range only where
 * nothing stands out there or the sharpest height lies at the rim.
 */
export async function findFocusNear(
  stage: Stage,
  camera: Camera,
  knownZUm: number,
  signal?: AbortSignal,
): Promise<FocusFound> {
  const near = await findFocus(stage, camera, { aroundZUm: knownZUm, rangeUm: NEAR_RANGE_UM }, signal)
  if (near.found && Math.abs(near.zUm - knownZUm) < NEAR_RANGE_UM - 1) return near
  return findFocus(stage, camera, { aroundZUm: knownZUm }, signal)
}

function highest(measured: readonly Measured[], detail: 'coarse' | 'fine'): Measured | null {
  return measured.reduce<Measured | null>((a, b) => (!a || b[detail] > a[detail] ? b : a), null)
}

/** Of the parabola through the logarithms of three equidistant scores, the middle one the highest: exact for a bell. */
function vertex(middle: Measured, below?: Measured, above?: Measured): number {
  if (!below || !above || Math.min(below.fine, above.fine) <= 0) return middle.zUm
  const [low, top, high] = [below, middle, above].map((each) => Math.log(each.fine))
  const bend = low - 2 * top + high
  if (bend >= 0) return middle.zUm
  return middle.zUm + ((above.zUm - below.zUm) / 4) * ((low - high) / bend)
}
