import { describe, expect, it } from 'vitest'
import { stageUm } from '../../../shared/geometry.ts'
import { captureAfter } from '../camera/camera.ts'
import { DEFAULT_EFFECTS } from '../simulator/effects.ts'
import { Random } from '../simulator/random.ts'
import { SimulatedCamera } from '../simulator/simulated-camera.ts'
import { SimulatedStage } from '../simulator/simulated-stage.ts'
import { WaveWorld } from '../simulator/wave-world.ts'
import { findFocus, findFocusNear } from './find-focus.ts'
import { focusScore } from './focus-score.ts'

function bench(zRange = { minUm: -100, maxUm: 100 }, contrast = 1) {
  const world = new WaveWorld(9, contrast)
  const stage = new SimulatedStage({
    seed: 9,
    timeScale: 200,
    limits: { x: { minUm: 0, maxUm: 6000 }, y: { minUm: 0, maxUm: 4000 }, z: zRange },
    retractedZUm: zRange.minUm,
  })
  const size = { widthPx: 256, heightPx: 192 }
  const camera = new SimulatedCamera(world, stage, { seed: 9, timeScale: 200, ...size, effects: DEFAULT_EFFECTS })
  return { world, stage, camera }
}

describe('findFocus', () => {
  it('ends within half a micrometre of best focus from 20 starts within its range, never blurrier than it began', async () => {
    const { world, stage, camera } = bench()
    const random = new Random(31)
    for (let run = 0; run < 20; run++) {
      const place = stageUm(random.range(500, 5500), random.range(500, 3500))
      const bestUm = world.bestFocusUm(place)
      const startZUm = bestUm + random.range(-20, 20)
      const start = await stage.moveTo({ xUm: place.x, yUm: place.y, zUm: startZUm })
      const before = await captureAfter(camera, performance.now())
      const result = await findFocus(stage, camera)
      const after = await captureAfter(camera, performance.now())
      const note = `from ${(startZUm - bestUm).toFixed(1)} um, ${result.captures} captures`
      expect(Math.abs(result.zUm - bestUm), note).toBeLessThan(0.5)
      expect(result.found, note).toBe(true)
      expect(result.captures, note).toBeLessThan(30)
      expect((await stage.position()).zUm).toBe(result.zUm)
      expect(result.startScore, note).toBe(focusScore(before))
      expect(result.score, note).toBe(focusScore(after))
      expect(result.score, note).toBeGreaterThanOrEqual(result.startScore)
      expect(Math.abs(result.zUm - start.zUm), note).toBeLessThanOrEqual(20.5)
    }
  })

  it('gives the same height to another rig in front of the same slide', async () => {
    const heights = new Set<number>()
    for (const zUm of [-60, 10, -20]) {
      const { stage, camera } = bench()
      await stage.moveTo({ xUm: 2500, yUm: 1800, zUm })
      heights.add((await findFocus(stage, camera, { aroundZUm: 7 })).zUm)
    }
    expect([...heights]).toHaveLength(1)
  })

  it('stays within range and limits, and does not go where it is blurrier', async () => {
    const { world, stage, camera } = bench({ minUm: -100, maxUm: 0.5 })
    const bestUm = world.bestFocusUm(stageUm(3000, 2000))
    expect(bestUm).toBeGreaterThan(2)
    await stage.moveTo({ xUm: 3000, yUm: 2000 })
    expect((await findFocus(stage, camera, { aroundZUm: -6 })).zUm).toBeGreaterThan(0)
    const near = await findFocus(stage, camera, { aroundZUm: -12, rangeUm: 5 })
    expect(near.zUm).toBeGreaterThanOrEqual(-17)
    expect(near.zUm).toBeLessThanOrEqual(-7)
    expect(near.score).toBeGreaterThanOrEqual(near.startScore)
  })

  it('says so where there is nothing to focus on, and stays within range', async () => {
    const { stage, camera } = bench(undefined, 0)
    await stage.moveTo({ xUm: 3000, yUm: 2000 })
    for (const search of [() => findFocus(stage, camera, { aroundZUm: 4 }), () => findFocusNear(stage, camera, 4)]) {
      const { found, zUm } = await search()
      expect(found).toBe(false)
      expect(Math.abs(zUm - 4)).toBeLessThanOrEqual(20)
    }
  })

  it('rejects with the reason when aborted, and as the camera does', async () => {
    const { stage, camera } = bench()
    await stage.moveTo({ xUm: 3000, yUm: 2000, zUm: 10 })
    const reason = new Error('enough')
    await expect(findFocus(stage, camera, {}, AbortSignal.abort(reason))).rejects.toBe(reason)
    camera.failNext('timeout')
    await expect(findFocus(stage, camera)).rejects.toMatchObject({ code: 'capture-timeout' })
  })
})

describe('findFocusNear', () => {
  it('takes fewer images where focus is near, and finds it all the same where it is not', async () => {
    const { world, stage, camera } = bench()
    const random = new Random(44)
    for (const offUm of [0, -0.7, 2.5, -4.2, 5.8, -9, 17]) {
      const place = stageUm(random.range(500, 5500), random.range(500, 3500))
      const bestUm = world.bestFocusUm(place)
      await stage.moveTo({ xUm: place.x, yUm: place.y })
      const near = await findFocusNear(stage, camera, bestUm + offUm)
      expect(Math.abs(near.zUm - bestUm), `from ${offUm} um`).toBeLessThan(0.5)
      expect(near.found).toBe(true)
      if (Math.abs(offUm) > 3) continue
      const far = await findFocus(stage, camera, { aroundZUm: bestUm + offUm })
      expect(near.captures, `from ${offUm} um`).toBeLessThan(far.captures)
    }
  })
})
