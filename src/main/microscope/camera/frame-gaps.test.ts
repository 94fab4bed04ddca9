import { expect, it } from 'vitest'
import { FrameGaps } from './frame-gaps.ts'

it('counts frames that are missing between others, however the times jitter', () => {
  const gaps = new FrameGaps()
  const steps = [33, 34, 31, 35, 33, 66, 33, 34, 100, 30, 33]
  expect(steps.map((ms) => gaps.step(ms))).toEqual([0, 0, 0, 0, 0, 1, 0, 0, 2, 0, 0])
  expect(gaps.lost).toBe(3)
})

it('takes a camera that slows down in the dark for a slower camera', () => {
  const gaps = new FrameGaps()
  for (let i = 0; i < 30; i++) gaps.step(33)
  for (let i = 0; i < 30; i++) gaps.step(66)
  const before = gaps.lost
  expect(before).toBeLessThan(10)
  for (let i = 0; i < 30; i++) gaps.step(66)
  expect(gaps.lost).toBe(before)
  expect(gaps.usualMs).toBe(66)
})
