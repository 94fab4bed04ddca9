import type { CalibrationOf } from '../../../shared/contract/calibration.ts'
import { MedullaError } from '../../../shared/errors.ts'
import { captureAfter } from '../camera/camera.ts'
import { focusScore } from '../focus/focus-score.ts'
import { type CalibrationBench, focusHere, go, unclear, within } from './bench.ts'
import { LEAST_CERTAINTY, register, registrable } from './register.ts'

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
