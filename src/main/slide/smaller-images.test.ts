import { expect, test } from 'vitest'
import { halfPlainly } from '../../../test/support/placed-fields.ts'
import type { RgbImage } from '../../shared/image.ts'
import { half } from './halve.ts'
import { SmallerImages } from './smaller-images.ts'
import type { StridedImage } from './strided.ts'

/** A seeded number from 0 to 255 for each `i`, its lowest bits as mixed as its highest. */
function mixed(i: number): number {
  let state = Math.imul(i + 1, 2_654_435_761)
  state = Math.imul(state ^ (state >>> 15), 0x85ebca6b)
  return (state ^ (state >>> 13)) & 255
}

function image(widthPx: number, heightPx: number, value: (i: number) => number = mixed): RgbImage {
  return { data: Uint8Array.from({ length: 3 * widthPx * heightPx }, (_, i) => value(i)), widthPx, heightPx }
}

function halved(whole: RgbImage, maker = new SmallerImages(whole.widthPx, whole.heightPx, 3)): StridedImage[] {
  const work = maker.half(whole)
  for (;;) {
    const { done, value } = work.next()
    if (done) return [value, maker.next(0), maker.next(1)]
  }
}

function packed({ data, widthPx, heightPx, stridePx }: StridedImage): RgbImage {
  const rows = Array.from({ length: heightPx }, (_, y) => data.slice(3 * y * stridePx, 3 * (y * stridePx + widthPx)))
  return { data: Uint8Array.from(Buffer.concat(rows)), widthPx, heightPx }
}

/** Pairs above one another rounded up, pairs of these side by side rounded down. */
function halfAsTheKernel({ data, widthPx: width, heightPx: height }: RgbImage): Uint8Array {
  const at = (x: number, y: number, channel: number) =>
    data[3 * (Math.min(y, height - 1) * width + Math.min(x, width - 1)) + channel]
  const pair = (x: number, y: number, channel: number) => (at(x, y, channel) + at(x, y + 1, channel) + 1) >> 1
  return Uint8Array.from(
    Array.from({ length: Math.ceil(height / 2) }, (_, y) =>
      Array.from({ length: Math.ceil(width / 2) }, (_, x) =>
        [0, 1, 2].map((channel) => (pair(2 * x, 2 * y, channel) + pair(2 * x + 1, 2 * y, channel)) >> 1),
      ),
    ).flat(2),
  )
}

const SIZES = [
  [256, 192],
  [64, 33],
  [63, 32],
  [61, 33],
  [100, 131],
  [17, 200],
  [8, 1],
  [1, 1],
  [4, 1],
  [1, 6],
] as const

test.each(SIZES)('three smaller images of one of %i x %i px, to the last bit', (width, height) => {
  let above = image(width, height)
  for (const smaller of halved(above).map(packed)) {
    expect([smaller.widthPx, smaller.heightPx]).toEqual([Math.ceil(above.widthPx / 2), Math.ceil(above.heightPx / 2)])
    expect(Buffer.compare(Buffer.from(smaller.data), Buffer.from(halfAsTheKernel(above)))).toBe(0)
    above = smaller
  }
})

test('are within a grey value of the mean of four, and on average at it', () => {
  const whole = image(256, 192)
  const found = packed(halved(whole)[0])
  const right = halfPlainly(whole)
  const off = [...found.data].map((value, i) => value - right.data[i])
  expect(Math.max(...off.map(Math.abs))).toBeLessThanOrEqual(1)
  // The plain way rounds halves up: an eighth lighter than the mean.
  expect(off.reduce((sum, one) => sum + one, 0) / off.length).toBeCloseTo(-0.125, 1)
})

test('black and white stay what they are', () => {
  for (const value of [0, 255])
    for (const smaller of halved(image(70, 40, () => value)))
      expect(new Set(packed(smaller).data)).toEqual(new Set([value]))
})

test('one image after another, in the same memory', () => {
  const maker = new SmallerImages(90, 70, 3)
  halved(
    image(90, 70, () => 255),
    maker,
  )
  const whole = image(90, 70)
  expect(maker.fits(whole)).toBe(true)
  expect(maker.fits(image(91, 70))).toBe(false)
  const again = packed(halved(whole, maker)[0])
  expect(Buffer.compare(Buffer.from(again.data), Buffer.from(halfAsTheKernel(whole)))).toBe(0)
})

test.each(SIZES)('a small image of %i x %i px halved the plain way', (width, height) => {
  expect(half(image(width, height))).toEqual(halfPlainly(image(width, height)))
})
