import { type Camera, captureAfter } from '../camera/camera.ts'
import type { Stage } from '../stage/stage.ts'
import { focusScore } from './focus-score.ts'

/** How far from its start a search looks, micrometres up and down. */
export const FOCUS_RANGE_UM = 20

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

/** From afar, near, fine: step of the climb in micrometres, and the size of detail it goes by (`focusScore`). */
const CLIMBS = [
  { stepUm: 4, detail: 'coarse' },
  { stepUm: 1.6, detail: 'coarse' },
  { stepUm: 0.6, detail: 'fine' },
] as const
const COARSE_LAG_PX = 8
const FINE_LAG_PX = 2
/** A peak stands out when it is this many times the lowest score seen. */
const PROMINENCE = 1.5

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

  const measure = async (zUm: number): Promise<Measured | null> => {
    const key = zUm === startZUm ? zUm : Math.round(zUm * 10) / 10
    const known = seen.get(key)
    if (known) return known
    if (key < lowUm || key > highUm) return null
    await stage.moveTo({ zUm: key }, signal)
    const frame = await captureAfter(camera, performance.now(), signal)
    const measured = {
      zUm: key,
      fine: focusScore(frame, FINE_LAG_PX),
      coarse: focusScore(frame, COARSE_LAG_PX),
    }
    seen.set(key, measured)
    return measured
  }

  const climb = async (from: Measured, stepUm: number, detail: 'coarse' | 'fine'): Promise<Measured> => {
    let best = from
    for (;;) {
      const sides = [await measure(best.zUm - stepUm), await measure(best.zUm + stepUm)]
      const better = highest(sides, detail)
      if (!better || better[detail] <= best[detail]) return best
      best = better
    }
  }

  const standsOut = () => {
    const scores = [...seen.values()].map((each) => each.coarse)
    return Math.max(...scores) > PROMINENCE * Math.max(0, Math.min(...scores))
  }

  const start = await measure(startZUm)
  if (!start) throw new RangeError(`a focus search from ${startZUm} um, outside the stage's limits`)
  let best = start
  for (const [i, { stepUm, detail }] of CLIMBS.entries()) {
    best = await climb(best, stepUm, detail)
    if (i > 0 || standsOut()) continue
    for (let zUm = lowUm; zUm <= highUm; zUm += stepUm) await measure(zUm)
    best = highest([...seen.values()], detail)!
  }
  const { stepUm } = CLIMBS[CLIMBS.length - 1]
  await measure(vertex(best, await measure(best.zUm - stepUm), await measure(best.zUm + stepUm)))

  const sharpest = highest([...seen.values()], 'fine')!
  await stage.moveTo({ zUm: sharpest.zUm }, signal)
  return {
    zUm: sharpest.zUm,
    score: sharpest.fine,
    startScore: start.fine,
    captures: seen.size,
    found: standsOut(),
  }
}

function highest(measured: readonly (Measured | null)[], detail: 'coarse' | 'fine'): Measured | null {
  return measured.reduce((a, b) => (!a || (b && b[detail] > a[detail]) ? b : a), null)
}

/** Of the parabola through the logarithms of three equidistant scores, the middle one the highest: exact for a bell. */
function vertex(middle: Measured, below: Measured | null, above: Measured | null): number {
  if (!below || !above || Math.min(below.fine, above.fine) <= 0) return middle.zUm
  const [low, top, high] = [below, middle, above].map((each) => Math.log(each.fine))
  const bend = low - 2 * top + high
  if (bend >= 0) return middle.zUm
  return middle.zUm + ((above.zUm - below.zUm) / 4) * ((low - high) / bend)
}
