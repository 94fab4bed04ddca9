import { expect, it } from 'vitest'
import { FrameGaps } from './frame-gaps.ts'

it('counts frames that are missing between others, however the times jitter', () => {
  const gaps = new FrameGaps()
  const steps = [33, 34, 31, 35, 33, 66, 33, 34, 32, 33, 100, 30, 33, 35, 33, 33]
  const known = steps.map((ms) => gaps.step(ms))
  expect(known.reduce((sum, lost) => sum + lost, 0)).toBe(3)
  expect(gaps.lost).toBe(3)
})

it('takes frames that come late and then close together for late ones', () => {
  const gaps = new FrameGaps()
  const steps = [33, 34, 33, 33, 33, 99, 5, 6, 33, 33, 33, 70, 4, 26, 33, 33, 33, 33]
  for (const ms of steps) gaps.step(ms)
  expect(gaps.lost).toBe(0)
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
