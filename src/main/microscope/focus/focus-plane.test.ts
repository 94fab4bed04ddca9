import { describe, expect, it } from 'vitest'
import { stageUm } from '../../../shared/geometry.ts'
import { Random } from '../simulator/random.ts'
import { fitFocusPlane, heightOf } from './focus-plane.ts'

const height = (x: number, y: number) => 4 + 0.0007 * (x - 3000) - 0.0011 * (y - 2000)
const point = (x: number, y: number, error = 0) => ({ x, y, zUm: height(x, y) + error })
const corners = [point(1000, 1000), point(5000, 1000), point(3000, 2000), point(1000, 3000), point(5000, 3000)]

describe('fitFocusPlane', () => {
  it('recovers a plane from three points', () => {
    const plane = fitFocusPlane(corners.slice(0, 4).filter((_, i) => i !== 2))
    expect(plane.points).toBe(3)
    expect(plane.residualUm).toBeCloseTo(0, 9)
    expect(heightOf(plane, stageUm(5000, 3000))).toBeCloseTo(height(5000, 3000), 0)
    expect(plane.slopeX).toBeCloseTo(0.0007, 9)
    expect(plane.slopeY).toBeCloseTo(-0.0011, 9)
  })

  it.each([0, 1, 2, 3, 4])('is not misled by one wild height of five, the %ith', (wild) => {
    const points = corners.map((p, i) => (i === wild ? { ...p, zUm: p.zUm + 9 } : p))
    const plane = fitFocusPlane(points)
    expect(plane.points).toBe(4)
    for (const p of corners) expect(heightOf(plane, p)).toBeCloseTo(p.zUm, 0)
  })

  it('keeps points that scatter as measurements do, and averages them', () => {
    const random = new Random(6)
    for (let run = 0; run < 50; run++) {
      const points = Array.from({ length: 9 }, (_, i) =>
        point(1000 + 2000 * (i % 3), 1000 + 1000 * Math.floor(i / 3), random.range(-0.3, 0.3)),
      )
      const plane = fitFocusPlane(points)
      expect(plane.points).toBe(9)
      for (const p of corners) expect(Math.abs(heightOf(plane, p) - height(p.x, p.y))).toBeLessThan(0.4)
    }
  })

  it('goes on what little it has', () => {
    const one = fitFocusPlane([point(10, 20)])
    expect(one).toMatchObject({ slopeX: 0, slopeY: 0, points: 1 })
    const line = fitFocusPlane([
      { x: 0, y: 0, zUm: 0 },
      { x: 100, y: 100, zUm: 2 },
      { x: 200, y: 200, zUm: 4 },
    ])
    expect(heightOf(line, stageUm(50, 50))).toBeCloseTo(1)
    expect(heightOf(line, stageUm(100, 0))).toBeCloseTo(1)
    const column = fitFocusPlane([
      { x: 5, y: 0, zUm: 0 },
      { x: 5, y: 100, zUm: 2 },
    ])
    expect(heightOf(column, stageUm(1000, 50))).toBeCloseTo(1)
    expect(() => fitFocusPlane([])).toThrow(RangeError)
  })
})
