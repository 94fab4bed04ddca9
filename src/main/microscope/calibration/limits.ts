import type { CalibrationOf } from '../../../shared/contract/calibration.ts'
import { MedullaError } from '../../../shared/errors.ts'
import { type CalibrationBench, didNotMove, go } from './bench.ts'

type Axis = 'x' | 'y'
const KEYS = { x: 'xUm', y: 'yUm' } as const

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
