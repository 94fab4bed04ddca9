import type { CalibrationOf } from '../../../shared/contract/calibration.ts'
import { MedullaError } from '../../../shared/errors.ts'
import { captureAfter } from '../camera/camera.ts'
import { focusScore } from '../focus/focus-score.ts'
import { type CalibrationBench, didNotMove, focusHere, focusLost, frameNow, go, tooPlain, within } from './bench.ts'
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

async function unclear(bench: CalibrationBench): Promise<MedullaError> {
  return focusScore(await frameNow(bench), 8) < 2e-4 ? tooPlain() : focusLost()
}

/** Moves that settling is watched after, and how far each goes: about a field. */
const SETTLE_MOVES = 6
const SETTLE_DISTANCE_UM = 170
/** Watched so long, milliseconds. */
const WATCH_MS = 600
/** A frame stands when the view is this near to where it stays, pixels, and as sharp. */
const STANDS_PX = 0.5
const STANDS_SHARP = 0.93
/** Frames are looked at ever more seldom: the next after so much more of the time since the arrival. */
const WATCH_GAP = 0.2
/** Where the last frame still moved nothing can be said. */
const LONGEST_MS = 500

/**
 * How long the view goes on moving after the controller says that the stage has arrived: the frames exposed from then on are compared with
 * the last one. Rejects as `measurePixelSize`, and `device-failed` where it does not settle.
 */
export async function measureSettle(bench: CalibrationBench): Promise<CalibrationOf<'settle'>> {
  bench.say('focusing', 0, SETTLE_MOVES)
  const start = await focusHere(bench)
  const { fromUm, toUm } = within(bench.stage.limits.x, start.xUm, SETTLE_DISTANCE_UM)
  const moving: number[] = []
  const standing: number[] = []
  for (let i = 0; i < SETTLE_MOVES; i++) {
    bench.say('watching the stage settle', i, SETTLE_MOVES)
    await go(bench, { xUm: i % 2 === 0 ? toUm : fromUm }, { unsettled: true })
    const arrivedMs = performance.now()
    const frames = []
    const watchMs = WATCH_MS / bench.timeScale
    for (let afterMs = arrivedMs; afterMs < arrivedMs + watchMs; ) {
      const exposure = await bench.camera.startCaptureAfter(afterMs, bench.signal)
      exposure.frame.catch(() => undefined)
      frames.push({ delayMs: exposure.exposureStartMs - arrivedMs, frame: exposure.frame })
      afterMs = exposure.exposureEndMs + WATCH_GAP * (exposure.exposureEndMs - arrivedMs)
    }
    const last = await captureAfter(bench.camera, arrivedMs + watchMs, bench.signal)
    const stands = registrable(last)
    const sharpness = focusScore(last)
    for (const { delayMs, frame } of frames) {
      const image = await frame
      const shift = register(registrable(image), stands)
      if (shift.certainty < LEAST_CERTAINTY && i === 0 && delayMs * bench.timeScale > LONGEST_MS)
        throw await unclear(bench)
      const still =
        Math.hypot(shift.xPx, shift.yPx) <= STANDS_PX &&
        shift.certainty >= LEAST_CERTAINTY &&
        focusScore(image) >= STANDS_SHARP * sharpness
      if (still) standing.push(delayMs)
      else moving.push(delayMs)
    }
  }
  await go(bench, { xUm: start.xUm })
  const lastMoving = Math.max(0, ...moving)
  const stoodMs = Math.min(...standing.filter((delayMs) => delayMs > lastMoving))
  const settleMs = stoodMs * bench.timeScale
  if (!Number.isFinite(settleMs) || settleMs > LONGEST_MS) {
    throw new MedullaError('device-failed', `The stage has not come to rest ${LONGEST_MS} ms after its arrival.`, {
      remedy: 'Look for what shakes the table or loosens the slide, then begin again.',
      motionPossible: true,
    })
  }
  return {
    kind: 'settle',
    settleMs,
    errorMs: (stoodMs - lastMoving) * bench.timeScale,
    distanceUm: toUm - fromUm,
    moves: SETTLE_MOVES,
  }
}

/** Outwards in such steps, and back and forth in ever smaller ones where the stage is stopped; micrometres. */
const REACH_STEP_UM = 2000
const REACH_ERROR_UM = 50

/**
 * How far x and y can go within the rig's own limits, the objective retracted: outwards step by step, and where the stage is stopped,
 * halving the way to the last place it reached. z is never tried: what stops an objective is the slide.
 */
export async function measureLimits(bench: CalibrationBench): Promise<CalibrationOf<'limits'>> {
  const { stage } = bench
  bench.say('retracting the objective', 0, 4)
  await go(bench, { zUm: stage.retractedZUm })
  const start = await stage.position()
  let done = 0
  const end = async (axis: Axis, side: 'minUm' | 'maxUm') => {
    const key = KEYS[axis]
    const limitUm = stage.limits[axis][side]
    const reach = async (um: number): Promise<boolean> => {
      bench.say(`trying how far ${axis} goes`, done, 4)
      try {
        await go(bench, { [key]: um })
        return true
      } catch (error) {
        bench.signal.throwIfAborted()
        // A stage that was stopped still answers; one that is gone does not, and then this is no limit.
        await stage.position()
        if (error instanceof MedullaError && error.code === 'device-failed') return false
        throw error
      }
    }
    let reachedUm = start[key]
    let stoppedUm: number | null = null
    while (reachedUm !== limitUm) {
      const farther: number =
        stoppedUm === null ? toward(reachedUm, limitUm, REACH_STEP_UM) : (reachedUm + stoppedUm) / 2
      if (await reach(farther)) reachedUm = farther
      else stoppedUm = farther
      if (stoppedUm !== null && Math.abs(stoppedUm - reachedUm) <= REACH_ERROR_UM) break
    }
    await go(bench, { [key]: start[key] })
    done++
    return { um: reachedUm, stopped: stoppedUm !== null }
  }
  const travelOf = async (axis: Axis) => {
    const [min, max] = [await end(axis, 'minUm'), await end(axis, 'maxUm')]
    if (max.um - min.um < 2 * REACH_ERROR_UM) throw didNotMove(axis, REACH_STEP_UM)
    return { minUm: min.um, maxUm: max.um, minStopped: min.stopped, maxStopped: max.stopped }
  }
  return { kind: 'limits', x: await travelOf('x'), y: await travelOf('y'), errorUm: REACH_ERROR_UM }
}

function toward(fromUm: number, toUm: number, stepUm: number): number {
  return Math.abs(toUm - fromUm) <= stepUm ? toUm : fromUm + Math.sign(toUm - fromUm) * stepUm
}
