import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type StageUm, stageUm } from '../../shared/geometry.ts'
import { captureAfter } from './camera/camera.ts'
import { FOCUS_RANGE_UM, findFocus } from './focus/find-focus.ts'
import { fitFocusMap, predictFocus } from './focus/focus-map.ts'
import { openSimulatedRig, type SimulatedRig } from './simulated-rig.ts'
import { hash, Random } from './simulator/random.ts'

/** Small images, so that drawing them takes little. */
const open = (seed: number) =>
  openSimulatedRig({ profile: 'normal', seed, timeScale: 50, camera: { widthPx: 768, heightPx: 576 } })

describe('the simulated microscope in front of the drawn smear', () => {
  let rig: SimulatedRig
  beforeAll(async () => {
    rig = await open(1)
  })
  afterAll(() => rig.close())

  const placeIn = ({ world }: SimulatedRig, across: number, down: number): StageUm => {
    const { origin, width, height } = world.countable
    return stageUm(origin.x + across * width, origin.y + down * height)
  }

  it('has the whole smear within reach, and its focus within reach of a search', async () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const { stage, world, workingZUm, close } = await open(seed)
      const { origin, width, height } = world.extent
      const corners = [0, 1].flatMap((across) =>
        [0, 1].map((down) => stageUm(origin.x + across * width, origin.y + down * height)),
      )
      for (const corner of corners) {
        expect(corner.x).toBeGreaterThan(stage.limits.x.minUm)
        expect(corner.x).toBeLessThan(stage.limits.x.maxUm)
        expect(corner.y).toBeGreaterThan(stage.limits.y.minUm)
        expect(corner.y).toBeLessThan(stage.limits.y.maxUm)
        expect(Math.abs(world.bestFocusUm(corner) - workingZUm)).toBeLessThan(FOCUS_RANGE_UM)
      }
      expect(stage.retractedZUm).toBeLessThan(workingZUm - 500)
      await close()
    }
  })

  it('finds focus within half a micrometre from 30 um off on tilted and bowed slides, and never ends worse', async () => {
    const random = new Random(hash(12))
    for (const seed of [2, 3, 4]) {
      const camera = { widthPx: 768, heightPx: 576 }
      const bowed = await openSimulatedRig({ profile: 'normal', seed, timeScale: 1000, relief: 4, camera })
      const { stage, world } = bowed
      for (let run = 0; run < 5; run++) {
        const place = placeIn(bowed, random.next(), random.next())
        const bestUm = world.bestFocusUm(place)
        const fromUm = random.range(-30, 30)
        await stage.moveTo({ xUm: place.x, yUm: place.y, zUm: bestUm + fromUm })
        const result = await findFocus(stage, bowed.camera)
        const note = `seed ${seed}, from ${fromUm.toFixed(1)} um at ${place.x.toFixed()}, ${place.y.toFixed()}`
        expect(Math.abs(result.zUm - bestUm), note).toBeLessThan(0.5)
        expect(Math.abs(result.zUm - bestUm), note).toBeLessThanOrEqual(Math.max(0.3, Math.abs(fromUm)))
        expect(result.score, note).toBeGreaterThanOrEqual(result.startScore)
        expect(result.found, note).toBe(true)
      }
      await bowed.close()
    }
  })

  it('a map through nine places keeps the whole countable area in focus', async () => {
    const { stage, camera, world, workingZUm } = rig
    const points = []
    for (const [across, down] of [
      [0.05, 0.05],
      [0.5, 0.05],
      [0.95, 0.05],
      [0.95, 0.5],
      [0.5, 0.5],
      [0.05, 0.5],
      [0.05, 0.95],
      [0.5, 0.95],
      [0.95, 0.95],
    ]) {
      const place = placeIn(rig, across, down)
      await stage.moveTo({ xUm: place.x, yUm: place.y })
      const { zUm } = await findFocus(stage, camera, { aroundZUm: points.at(-1)?.zUm ?? workingZUm })
      points.push({ x: place.x, y: place.y, zUm })
    }
    const map = fitFocusMap(points)
    for (let across = 0; across <= 1; across += 0.125) {
      for (let down = 0; down <= 1; down += 0.125) {
        const place = placeIn(rig, across, down)
        expect(Math.abs(predictFocus(map, place) - world.bestFocusUm(place))).toBeLessThan(0.4)
      }
    }
  })

  it('gives the same bytes for the same place to a microscope opened anew', async () => {
    const place = placeIn(rig, 0.4, 0.6)
    const target = { xUm: place.x, yUm: place.y, zUm: rig.world.bestFocusUm(place) }
    await rig.stage.moveTo(target)
    const first = await captureAfter(rig.camera, performance.now())
    const other = await open(1)
    await other.stage.moveTo({ xUm: target.xUm + 3, yUm: target.yUm + 500 })
    await other.stage.moveTo(target)
    const second = await captureAfter(other.camera, performance.now())
    await other.close()
    expect(Buffer.from(second.data).equals(first.data)).toBe(true)
  })
})
