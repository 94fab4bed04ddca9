import { afterEach, describe, expect, it } from 'vitest'
import { openRigOn, openSimulatedRig, type SimulatedRig } from '../simulated-rig.ts'
import type { SimulatedStageOptions } from '../simulator/simulated-stage-options.ts'
import { DEFAULT_STAGE_OPTIONS } from '../simulator/simulated-stage-options.ts'
import { WaveWorld } from '../simulator/wave-world.ts'
import { measureBacklash } from './backlash.ts'
import type { CalibrationBench } from './bench.ts'
import { calibratedStage } from './calibrated-stage.ts'
import { NOTHING_KNOWN } from './in-use.ts'
import { measureLimits } from './limits.ts'
import { measureSettle } from './settle.ts'

const { xy, z } = DEFAULT_STAGE_OPTIONS
let rig: SimulatedRig
afterEach(() => rig.close())

async function onCells(stage: Partial<SimulatedStageOptions>, timeScale = 1000): Promise<CalibrationBench> {
  const camera = { widthPx: 512, heightPx: 384, pixelSizeUm: 0.2 }
  rig = await openSimulatedRig({ profile: 'normal', seed: 5, timeScale, camera, stage })
  const { origin, width, height } = rig.world.countable
  await rig.stage.moveTo({ xUm: origin.x + width / 2, yUm: origin.y + height / 2, zUm: rig.workingZUm })
  return benchOf(timeScale)
}

function benchOf(timeScale: number): CalibrationBench {
  const { stage, camera } = rig
  const signal = new AbortController().signal
  return { stage, camera, timeScale, signal, say: () => undefined, show: () => undefined }
}

/** Where nothing has to be registered: the images cost next to nothing. */
async function benchWith(stage: Partial<SimulatedStageOptions>, timeScale = 1000): Promise<CalibrationBench> {
  rig = openRigOn(new WaveWorld(5), {
    seed: 5,
    timeScale,
    camera: { widthPx: 256, heightPx: 192, pixelSizeUm: 0.2, dropShare: 0, duplicateShare: 0 },
    stage: { retractedZUm: -500, ...stage },
  })
  await rig.stage.moveTo({ xUm: 3000, yUm: 2000, zUm: 3 })
  return benchOf(timeScale)
}

describe('measureBacklash', () => {
  it('finds the play of every axis, also where the stage does not take it up', async () => {
    for (const [backlashUm, zUm] of [
      [0, 0],
      [1.7, 0.8],
      [9, 0.4],
    ] as const) {
      const bench = await onCells({
        xy: { ...xy, backlashUm, approachUm: 0 },
        z: { ...z, backlashUm: zUm, approachUm: 3 },
      })
      const found = await measureBacklash(bench)
      expect(Math.abs(found.x.um - backlashUm), `x ${backlashUm}`).toBeLessThan(0.1)
      expect(Math.abs(found.y.um - backlashUm), `y ${backlashUm}`).toBeLessThan(0.1)
      expect(Math.abs(found.z!.um - zUm), `z ${zUm}`).toBeLessThan(0.15)
      await rig.close()
    }
  })
})

describe('measureSettle', () => {
  it('finds no time where nothing vibrates, and most of it where the stage does', async () => {
    const still = await measureSettle(await onCells({ xy: { ...xy, ringingUm: 0 } }, 1))
    // Its last moving frame is none at all; how soon the first standing one comes depends on the machine.
    expect(still.settleMs - still.errorMs).toBe(0)
    await rig.close()
    const bench = await onCells({ xy: { ...xy, ringingUm: 4, ringingPeriodMs: 40 }, vibrationMs: 300 }, 1)
    const shaken = await measureSettle(bench)
    expect(shaken.settleMs - shaken.errorMs).toBeGreaterThan(60)
    expect(shaken.settleMs - shaken.errorMs).toBeLessThan(300)
  })
})

describe('measureLimits', () => {
  it('finds where the stage is stopped, and says where it is free as far as the rig allows', async () => {
    // The switches sit within the soft limits here.
    const bench = await benchWith({
      hardMarginUm: -300,
      limits: { x: { minUm: 0, maxUm: 6000 }, y: { minUm: 0, maxUm: 4000 }, z: { minUm: -2000, maxUm: 1000 } },
    })
    const { x, y } = bench.stage.limits
    const found = await measureLimits(bench)
    expect(found.x.minStopped && found.x.maxStopped && found.y.minStopped && found.y.maxStopped).toBe(true)
    expect(Math.abs(found.x.minUm - (x.minUm + 300))).toBeLessThanOrEqual(60)
    expect(Math.abs(found.y.maxUm - (y.maxUm - 300))).toBeLessThanOrEqual(60)
    expect((await bench.stage.position()).zUm).toBeCloseTo(bench.stage.retractedZUm, 0)
    await rig.close()
    const free = await measureLimits(await benchWith({}))
    expect(free.x).toEqual({ ...rig.stage.limits.x, minStopped: false, maxStopped: false })
  })

  it('does not take a pulled cable for a limit', async () => {
    const bench = await benchWith({})
    const moving = {
      ...bench,
      say: (activity: string) => void (activity.includes('y') && rig.stage.failNext('disconnect')),
    }
    await expect(measureLimits(moving)).rejects.toMatchObject({ code: 'device-failed' })
  })
})

describe('calibratedStage', () => {
  const backlash = (um: number) => {
    const play = { um, errorUm: 0.05 }
    return { kind: 'backlash', x: play, y: play, z: play, repeats: 4 } as const
  }

  it('takes a measured play up that the stage does not', async () => {
    const { stage } = await benchWith({
      xy: { ...xy, backlashUm: 9, approachUm: 0 },
      z: { ...z, backlashUm: 1, approachUm: 0 },
      positionErrorUm: 0,
    })
    const off = async (moved: typeof stage) => {
      let worst = 0
      for (const [xUm, yUm, zUm] of [
        [3100, 2100, 5],
        [2900, 2150, 1],
        [2950, 1900, 2],
        [2940, 1890, 0],
        [2941, 1891, 0.5],
      ] as const) {
        await moved.moveTo({ xUm, yUm, zUm })
        const at = rig.stage.truePositionAt(performance.now())
        worst = Math.max(worst, Math.abs(at.xUm - xUm), Math.abs(at.yUm - yUm), Math.abs(at.zUm - zUm))
      }
      return worst
    }
    expect(await off(stage)).toBeGreaterThan(5)
    expect(await off(calibratedStage(stage, { ...NOTHING_KNOWN, backlash: backlash(9) }))).toBeLessThan(0.15)
  })

  it('refuses what lies beyond where the stage was stopped, and lets everything be where nothing is known', async () => {
    const { stage } = await benchWith({})
    expect(calibratedStage(stage, NOTHING_KNOWN)).toBe(stage)
    const travel = { minUm: 0, maxUm: 4000, minStopped: false, maxStopped: true }
    const narrowed = calibratedStage(stage, {
      ...NOTHING_KNOWN,
      limits: { kind: 'limits', x: travel, y: travel, errorUm: 50 },
    })
    expect(narrowed.limits.x).toEqual({ minUm: stage.limits.x.minUm, maxUm: 3900 })
    await expect(narrowed.moveTo({ xUm: 3950 })).rejects.toMatchObject({ code: 'position-out-of-limits' })
    expect((await narrowed.moveTo({ xUm: 3850 })).xUm).toBeCloseTo(3850, 1)
  })

  it('breaks off with the reason while it settles', async () => {
    const { stage } = await benchWith({})
    const settle = { kind: 'settle', settleMs: 60_000, errorMs: 0, distanceUm: 170, moves: 6 } as const
    const abort = new AbortController()
    const reason = new Error('enough')
    const moving = calibratedStage(stage, { ...NOTHING_KNOWN, settle }).moveTo({ xUm: 3010 }, abort.signal)
    abort.abort(reason)
    await expect(moving).rejects.toBe(reason)
  })
})
