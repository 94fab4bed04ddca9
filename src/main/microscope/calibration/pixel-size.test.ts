import { describe, expect, it } from 'vitest'
import { turnBetween } from '../../../shared/camera-transform.ts'
import { openRigOn, openSimulatedRig } from '../simulated-rig.ts'
import { randomMount } from '../simulator/random-mount.ts'
import { WaveWorld } from '../simulator/wave-world.ts'
import type { CalibrationBench } from './bench.ts'
import { fitCamera } from './camera-fit.ts'
import { measurePixelSize } from './pixel-size.ts'

const benchOf = (
  rig: Pick<CalibrationBench, 'stage' | 'camera'>,
  signal = new AbortController().signal,
): CalibrationBench => ({
  stage: rig.stage,
  camera: rig.camera,
  timeScale: 1000,
  signal,
  show: () => undefined,
  say: () => undefined,
})

describe('measurePixelSize', () => {
  it('finds pixel size within 0.1 %, rotation within 0.05 degrees and the mirror of rigs put together at random', async () => {
    for (const seed of [101, 102, 104]) {
      const { pose, options } = randomMount(seed, 4)
      const rig = await openSimulatedRig({ profile: 'normal', seed, timeScale: 1000, ...options })
      const { origin, width, height } = rig.world.countable
      await rig.stage.moveTo({ xUm: origin.x + width / 2, yUm: origin.y + height / 2, zUm: rig.workingZUm })
      const before = await rig.stage.position()
      const found = await measurePixelSize(benchOf(rig))
      const note = `seed ${seed}: ${JSON.stringify(pose)} ${JSON.stringify(found)}`
      expect(Math.abs(found.pixelSizeUm / pose.pixelSizeUm - 1), note).toBeLessThan(0.001)
      expect(Math.abs(turnBetween(pose.rotationDegrees, found.rotationDegrees)), note).toBeLessThan(0.05)
      expect(found.mirrored, note).toBe(pose.mirrored)
      expect(Math.abs(found.skewDegrees - pose.skewDegrees), note).toBeLessThan(0.1)
      expect(found.pixelSizeErrorPercent, note).toBeLessThan(0.1)
      const after = await rig.stage.position()
      expect(Math.hypot(after.xUm - before.xUm, after.yUm - before.yUm)).toBeLessThan(0.2)
      await rig.close()
    }
  })

  const waveRig = (contrast: number, stage = {}) =>
    openRigOn(new WaveWorld(5, contrast), {
      seed: 5,
      timeScale: 1000,
      camera: { widthPx: 256, heightPx: 192, pixelSizeUm: 0.4 },
      stage: { retractedZUm: -500, ...stage },
    })

  it('says so where there is nothing to see', async () => {
    const rig = waveRig(0)
    await rig.stage.moveTo({ xUm: 3000, yUm: 2000, zUm: 3 })
    await expect(measurePixelSize(benchOf(rig))).rejects.toMatchObject({ code: 'focus-lost' })
    await rig.close()
  })

  it('says so where the controller counts and the slide stays where it is', async () => {
    // The play swallows every move.
    const rig = waveRig(1, {
      xy: {
        ...{ speedMmPerS: 20, accelerationMmPerS2: 200, approachUm: 0, stepsPerUm: 10 },
        backlashUm: 5000,
        ringingUm: 0,
        ringingPeriodMs: 10,
      },
    })
    await rig.stage.moveTo({ xUm: 3000, yUm: 2000, zUm: 3 })
    await expect(measurePixelSize(benchOf(rig))).rejects.toMatchObject({ code: 'stage-did-not-move' })
    await rig.close()
  })

  it('ends with the reason when it is broken off, and as camera and stage do', async () => {
    const rig = waveRig(1)
    await rig.stage.moveTo({ xUm: 3000, yUm: 2000, zUm: 3 })
    const reason = new Error('enough')
    const abort = new AbortController()
    let said = 0
    const bench = { ...benchOf(rig, abort.signal), say: () => void (++said === 4 && abort.abort(reason)) }
    await expect(measurePixelSize(bench)).rejects.toBe(reason)
    rig.stage.failNext('disconnect')
    await expect(measurePixelSize(benchOf(rig))).rejects.toMatchObject({ code: 'device-failed' })
    await rig.close()
  })
})

describe('fitCamera', () => {
  const move = (xUm: number, yUm: number, errorPx = 0) => ({ xUm, yUm, xPx: -10 * xUm + errorPx, yPx: 10 * yUm })

  it('is not misled by one move in eight that went wrong', () => {
    const moves = [1, 2, 3, 4].flatMap((i) => [move(30 + i, 0, i === 2 ? 40 : 0), move(0, 30 + i)])
    const fit = fitCamera(moves)!
    expect(fit.leftOut).toBe(1)
    expect(fit.transform.xx).toBeCloseTo(0.1, 9)
    expect(fit.transform.yy).toBeCloseTo(-0.1, 9)
    expect(fit.pixelSizeErrorPercent).toBeCloseTo(0, 9)
  })

  it('states an error about as large as the one it makes', () => {
    let worse = 0
    for (let seed = 1; seed <= 60; seed++) {
      let state = seed
      const noise = () => {
        state = (state * 1103515245 + 12345) % 2147483648
        return (state / 2147483648 - 0.5) * 2
      }
      const moves = Array.from({ length: 20 }, (_, i) => {
        const { xUm, yUm, xPx, yPx } = move(i % 2 ? 40 : 0, i % 2 ? 0 : 40)
        return { xUm, yUm, xPx: xPx + noise(), yPx: yPx + noise() }
      })
      const fit = fitCamera(moves)!
      const errorPercent = Math.abs(
        100 *
          (Math.sqrt(Math.abs(fit.transform.xx * fit.transform.yy - fit.transform.xy * fit.transform.yx)) / 0.1 - 1),
      )
      if (errorPercent > 2 * fit.pixelSizeErrorPercent) worse++
    }
    expect(worse).toBeLessThan(9)
  })

  it('has no answer where the moves lie in one direction', () => {
    expect(fitCamera([move(10, 0), move(20, 0), move(30, 0)])).toBeNull()
  })
})
