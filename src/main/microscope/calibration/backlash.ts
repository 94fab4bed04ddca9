import type { CalibrationOf } from '../../../shared/contract/calibration.ts'
import { focusScore } from '../focus/focus-score.ts'
import { type CalibrationBench, didNotMove, focusHere, focusLost, frameNow, go, unclear, within } from './bench.ts'
import type { GreyPlane } from './grey-plane.ts'
import { LEAST_CERTAINTY, register, registrable, type Shift } from './register.ts'

type Axis = 'x' | 'y'
const KEYS = { x: 'xUm', y: 'yUm' } as const

const REPEATS = 4
/** More than any backlash that a microscope can be used with. */
const RUN_UP_UM = 60
const STEP_UM = 8
/** Sweep of the focus drive for its backlash: heights above and below focus, and between them. */
const SWEEP_UM = 4
const SWEEP_STEP_UM = 0.5

/** Where the same reading really is, come to from below and from above: their distance is the play. Rejects as `measurePixelSize`. */
export async function measureBacklash(bench: CalibrationBench): Promise<CalibrationOf<'backlash'>> {
  bench.say('focusing', 0, 1)
  const start = await focusHere(bench)
  const total = 2 * REPEATS + 2
  const axis = async (which: Axis, done: number) => {
    const key = KEYS[which]
    const { fromUm } = within(bench.stage.limits[which], start[key], 2 * RUN_UP_UM)
    const homeUm = fromUm + RUN_UP_UM
    const straight = { straight: true } as const
    const seen = async (um: number): Promise<GreyPlane> => {
      await go(bench, { [key]: um }, straight)
      return registrable(await frameNow(bench))
    }
    const plays: number[] = []
    for (let i = 0; i < REPEATS; i++) {
      bench.say(`coming from both sides along ${which}`, done + i, total)
      await go(bench, { [key]: homeUm - RUN_UP_UM }, straight)
      const below = await seen(homeUm)
      // On the same flank a step farther: what a micrometre is in this image.
      const farther = await seen(homeUm + STEP_UM)
      await go(bench, { [key]: homeUm + RUN_UP_UM }, straight)
      const above = await seen(homeUm)
      const perUm = register(below, farther)
      const play = register(below, above)
      if (Math.min(perUm.certainty, play.certainty) < LEAST_CERTAINTY) throw await unclear(bench)
      if (Math.hypot(perUm.xPx, perUm.yPx) < 1) throw didNotMove(which, STEP_UM)
      plays.push(along(play, perUm) * STEP_UM)
    }
    await go(bench, { [key]: start[key] })
    return meanOf(plays)
  }
  const x = await axis('x', 0)
  const y = await axis('y', REPEATS)
  bench.say('coming from both sides along z', 2 * REPEATS, total)
  const z = await focusPlay(bench, start.zUm)
  await go(bench, { xUm: start.xUm, yUm: start.yUm, zUm: start.zUm })
  return { kind: 'backlash', x, y, z, repeats: REPEATS }
}

/** How far one shift goes along another, in lengths of the other. */
function along(shift: Shift, unit: Shift): number {
  return (shift.xPx * unit.xPx + shift.yPx * unit.yPx) / (unit.xPx ** 2 + unit.yPx ** 2)
}

/** The focus curve up and down again: the play of the focus drive is the distance of their tops. null: the limits leave no room. */
async function focusPlay(bench: CalibrationBench, focusUm: number): Promise<{ um: number; errorUm: number } | null> {
  const { z } = bench.stage.limits
  const reachUm = SWEEP_UM + 2
  if (focusUm - reachUm - 4 < z.minUm || focusUm + reachUm + 2 > z.maxUm) return null
  const steps = Math.round((2 * reachUm) / SWEEP_STEP_UM)
  const sweep = async (direction: 1 | -1): Promise<number | null> => {
    const heights: number[] = []
    const scores: number[] = []
    await go(bench, { zUm: focusUm - direction * (reachUm + 2) }, { straight: true })
    for (let i = 0; i <= steps; i++) {
      const zUm = focusUm - direction * (reachUm - i * SWEEP_STEP_UM)
      await go(bench, { zUm }, { straight: true })
      heights.push(zUm)
      scores.push(focusScore(await frameNow(bench)))
    }
    return topOf(heights, scores)
  }
  const plays: number[] = []
  for (let i = 0; i < 2; i++) {
    const [up, down] = [await sweep(1), await sweep(-1)]
    if (up === null || down === null) throw focusLost()
    plays.push(up - down)
  }
  return meanOf(plays)
}

/** Vertex of a parabola through the logarithms of the scores near the highest; null: it lies at the rim. */
function topOf(heights: readonly number[], scores: readonly number[]): number | null {
  const best = scores.reduce((top, score, i) => (score > scores[top]! ? i : top), 0)
  const near = [-3, -2, -1, 0, 1, 2, 3]
  const points = near.map((k) => ({ k, score: scores[best + k] ?? 0 }))
  if (points.some(({ score }) => score <= 0)) return null
  const logs = points.map(({ score }) => Math.log(score))
  // Least squares over seven points at equal distances.
  const slope = near.reduce((sum, k, i) => sum + k * logs[i]!, 0) / 28
  const bend = near.reduce((sum, k, i) => sum + (k * k - 4) * logs[i]!, 0) / 84
  if (bend >= 0) return null
  return heights[best]! - (slope / (2 * bend)) * (heights[1]! - heights[0]!)
}

function meanOf(values: readonly number[]): { um: number; errorUm: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1))
  return { um: Math.abs(mean), errorUm: spread / Math.sqrt(values.length) }
}
