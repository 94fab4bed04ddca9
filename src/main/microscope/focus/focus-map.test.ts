import { describe, expect, it } from 'vitest'
import { stageUm } from '../../../shared/geometry.ts'
import { createWorld } from '../simulator/create-world.ts'
import { hash, Random } from '../simulator/random.ts'
import { fitFocusMap, predictFocus } from './focus-map.ts'

/** Tilted and bowed. */
const height = (x: number, y: number) => 4 + 0.0007 * x - 0.0011 * y + 3 * ((x / 4000) ** 2 + (y / 4000) ** 2)

const grid = (across: number, height: (x: number, y: number) => number, random: Random) =>
  Array.from({ length: across * across }, (_, i) => {
    const x = (4000 * (i % across)) / (across - 1) - 2000
    const y = (4000 * Math.floor(i / across)) / (across - 1) - 2000
    return { x, y, zUm: height(x, y) + 0.1 * random.normal() }
  })

const worstOf = (map: ReturnType<typeof fitFocusMap>) => {
  let worst = 0
  for (let x = -2000; x <= 2000; x += 200) {
    for (let y = -2000; y <= 2000; y += 200)
      worst = Math.max(worst, Math.abs(predictFocus(map, stageUm(x, y)) - height(x, y)))
  }
  return worst
}

describe('fitFocusMap', () => {
  it('follows the bow that a plane leaves', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const map = fitFocusMap(grid(3, height, new Random(hash(seed))))
      expect(map.points).toBe(9)
      expect(worstOf(map)).toBeLessThan(0.45)
    }
    expect(worstOf({ ...fitFocusMap(grid(3, height, new Random(1))), bends: [] })).toBeGreaterThan(0.8)
  })

  it('leaves out heights that the rest contradicts, wherever they are', () => {
    for (let wild = 0; wild < 16; wild++) {
      const points = grid(4, height, new Random(hash(wild)))
      const spoilt = points.map((point, i) => (i === wild ? { ...point, zUm: point.zUm + (wild % 2 ? 9 : -7) } : point))
      const map = fitFocusMap(spoilt)
      expect(map.points, `the ${wild}th`).toBe(15)
      expect(worstOf(map), `the ${wild}th`).toBeLessThan(
        wild === 0 || wild === 3 || wild === 12 || wild === 15 ? 1.6 : 0.6,
      )
    }
    const points = grid(4, height, new Random(5))
    const two = points.map((point, i) => (i === 5 || i === 10 ? { ...point, zUm: point.zUm + 12 } : point))
    expect(fitFocusMap(two).points).toBe(14)
    expect(worstOf(fitFocusMap(two))).toBeLessThan(0.6)
  })

  it('is a plane where there are few points, and returns to it far away from them', () => {
    const few = fitFocusMap(grid(2, height, new Random(1)))
    expect(few.bends).toEqual([])
    const map = fitFocusMap(grid(3, height, new Random(1)))
    const far = stageUm(30_000, 0)
    expect(predictFocus(map, far)).toBeCloseTo(
      map.zUm + map.slopeX * (30_000 - map.middle.x) - map.slopeY * map.middle.y,
      0,
    )
    expect(fitFocusMap([{ x: 1, y: 2, zUm: 3 }])).toMatchObject({ points: 1, bends: [] })
    expect(() => fitFocusMap([])).toThrow(RangeError)
  })

  it('gives whole tenths, the same from a map that was kept as text', () => {
    const map = fitFocusMap(grid(3, height, new Random(2)))
    const kept = JSON.parse(JSON.stringify(map))
    for (let x = -3000; x < 3000; x += 137) {
      const zUm = predictFocus(map, stageUm(x, x / 2))
      expect(zUm).toBe(Math.round(zUm * 10) / 10)
      expect(predictFocus(kept, stageUm(x, x / 2))).toBe(zUm)
    }
  })

  it('keeps simulated smears in focus, edges included', async () => {
    for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
      const world = createWorld({ seed, profile: 'normal' })
      const random = new Random(hash(seed))
      const { origin, width, height: tall } = world.countable
      const points = [0.05, 0.5, 0.95].flatMap((down) =>
        [0.05, 0.5, 0.95].map((across) => {
          const at = stageUm(origin.x + across * width, origin.y + down * tall)
          return { ...at, zUm: world.bestFocusUm(at) + 0.05 * random.normal() }
        }),
      )
      const map = fitFocusMap(points)
      for (let across = 0; across <= 1; across += 0.125) {
        for (let down = 0; down <= 1; down += 0.125) {
          const at = stageUm(origin.x + across * width, origin.y + down * tall)
          // The slide has a ripple of 0.12 um that nine points cannot tell.
          expect(Math.abs(predictFocus(map, at) - world.bestFocusUm(at)), `seed ${seed}`).toBeLessThan(0.4)
        }
      }
      await world.close()
    }
  })
})
