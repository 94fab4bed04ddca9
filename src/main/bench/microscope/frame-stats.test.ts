import { expect, test } from 'vitest'
import { HISTOGRAM_BINS } from '../../../shared/contract/microscope.ts'
import { frameStats } from './frame-stats.ts'

/** 64 x 64, each pixel as told by its column. */
function image(pixel: (x: number) => readonly [number, number, number]) {
  const side = 64
  const data = new Uint8Array(side * side * 3)
  for (let i = 0; i < side * side; i++) data.set(pixel(i % side), 3 * i)
  return { data, widthPx: side, heightPx: side }
}

test('every looked-at pixel falls into one bin of each channel', () => {
  const { histogram } = frameStats(image((x) => [0, 4 * x, 255]))
  expect(histogram.red[0]).toBe(1)
  expect(histogram.blue[HISTOGRAM_BINS - 1]).toBe(1)
  expect(histogram.green.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9)
  expect(Math.max(...histogram.green)).toBeCloseTo(1 / 16, 9)
})

test('a pixel is saturated when one channel is at its end', () => {
  // One of four columns that are looked at is too bright in blue alone.
  expect(frameStats(image((x) => [200, 200, x % 16 === 0 ? 255 : 210])).saturatedShare).toBeCloseTo(0.25, 9)
  expect(frameStats(image(() => [253, 253, 253])).saturatedShare).toBe(0)
})
