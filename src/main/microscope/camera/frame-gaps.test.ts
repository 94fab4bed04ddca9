import { expect, it } from 'vitest'
import { Random } from '../simulator/random.ts'
import { FrameGaps } from './frame-gaps.ts'

/** Steps of a camera at its usual rate. */
const steady = (count: number) => Array.from({ length: count }, (_, i) => 33 + ((i * 7) % 5) - 2)

it('counts frames that are missing between others, however the times jitter', () => {
  const gaps = new FrameGaps(33)
  const steps = [33, 34, 31, 35, 33, 66, 33, 34, 32, 33, 100, 30, ...steady(40)]
  const known = steps.map((ms) => gaps.step(ms))
  expect(known.reduce((sum, lost) => sum + lost, 0)).toBe(3)
  expect(gaps.lost).toBe(3)
})

it('takes frames that come late and then close together for late ones', () => {
  const gaps = new FrameGaps(33)
  const steps = [
    33, 34, 33, 33, 33, 99, 5, 6, 33, 33, 33, 70, 4, 26, 33, 33, 33, 33, 66, 20, 20, 25, 33, 33, 33, 33, 33,
  ]
  for (const ms of steps) gaps.step(ms)
  expect(gaps.lost).toBe(0)
})

it('counts most of them where most are lost', () => {
  const gaps = new FrameGaps(33)
  const random = new Random(4)
  let taken = 0
  let arrived = 0
  for (let i = 0; i < 400; i++) {
    const step = 1 + Math.floor(12 * random.next())
    gaps.step(33 * step)
    taken += step
    arrived++
  }
  expect(gaps.lost / (taken - arrived)).toBeGreaterThan(0.8)
  expect(gaps.lost / (taken - arrived)).toBeLessThanOrEqual(1)
})

it('takes a camera that slows down in the dark for a slower camera', () => {
  const gaps = new FrameGaps(33)
  for (let i = 0; i < 30; i++) gaps.step(33)
  for (let i = 0; i < 80; i++) gaps.step(66)
  const before = gaps.lost
  expect(before).toBeLessThanOrEqual(20)
  for (let i = 0; i < 30; i++) gaps.step(66)
  expect(gaps.lost).toBe(before)
  expect(gaps.usualMs).toBe(66)
})
