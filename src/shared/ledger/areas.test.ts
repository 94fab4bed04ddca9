import { expect, test } from 'vitest'
import { seededDraw } from '../differential/draw.ts'
import { type Rect, type StageUm, stageUm } from '../geometry.ts'
import { coveredShare, isInAny, overlap } from './areas.ts'

const rect = (x: number, y: number, width: number, height: number): Rect<StageUm> => ({
  origin: stageUm(x, y),
  width,
  height,
})

test('what two rectangles share, and nothing where they only touch', () => {
  expect(overlap(rect(0, 0, 10, 10), rect(5, 6, 10, 10))).toEqual(rect(5, 6, 5, 4))
  expect(overlap(rect(0, 0, 10, 10), rect(10, 0, 10, 10))).toBeNull()
})

test('what two others cover counts once', () => {
  expect(coveredShare(rect(0, 0, 10, 10), [])).toBe(0)
  expect(coveredShare(rect(0, 0, 10, 10), [rect(-5, -5, 10, 10)])).toBe(0.25)
  expect(coveredShare(rect(0, 0, 10, 10), [rect(0, 0, 6, 10), rect(4, 0, 6, 10)])).toBe(1)
  expect(coveredShare(rect(0, 0, 10, 10), [rect(0, 0, 6, 6), rect(4, 4, 6, 6)])).toBeCloseTo(0.68, 12)
})

test('agrees with points thrown at random', () => {
  const random = seededDraw(7)
  const somewhere = () => rect(100 * random.uniform() - 20, 100 * random.uniform() - 20, 60, 40)
  for (let round = 0; round < 20; round++) {
    const view = rect(0, 0, 100, 80)
    const others = Array.from({ length: 5 }, somewhere)
    let hits = 0
    const throws = 4000
    for (let i = 0; i < throws; i++) if (isInAny(stageUm(100 * random.uniform(), 80 * random.uniform()), others)) hits++
    expect(Math.abs(coveredShare(view, others) - hits / throws)).toBeLessThan(0.04)
  }
})
