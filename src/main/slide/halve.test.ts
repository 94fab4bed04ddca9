import { expect, test } from 'vitest'
import { halfPlainly } from '../../../test/support/placed-fields.ts'
import type { RgbImage } from '../../shared/image.ts'
import { half, halveRows } from './halve.ts'

/** A seeded number from 0 to 255 for each `i`, its lowest bits as mixed as its highest. */
function mixed(i: number): number {
  let state = Math.imul(i + 1, 2_654_435_761)
  state = Math.imul(state ^ (state >>> 15), 0x85ebca6b)
  return (state ^ (state >>> 13)) & 255
}

function image(widthPx: number, heightPx: number, value: (i: number) => number = mixed): RgbImage {
  return { data: Uint8Array.from({ length: 3 * widthPx * heightPx }, (_, i) => value(i)), widthPx, heightPx }
}

// Widths that are a multiple of eight go another way than the rest.
test.each([
  [256, 128],
  [64, 33],
  [63, 32],
  [60, 31],
  [61, 33],
  [8, 1],
  [1, 1],
  [4, 1],
  [1, 6],
])('an image of %i x %i px is within a grey value of the mean, and on average at it', (width, height) => {
  const whole = image(width, height)
  const found = half(whole)
  const right = halfPlainly(whole)
  expect([found.widthPx, found.heightPx]).toEqual([right.widthPx, right.heightPx])
  const off = [...found.data].map((value, i) => value - right.data[i])
  expect(Math.max(...off.map(Math.abs))).toBeLessThanOrEqual(1)
  // The plain way rounds halves up: an eighth lighter than the mean.
  if (off.length > 1000) expect(off.reduce((sum, one) => sum + one, 0) / off.length).toBeCloseTo(-0.125, 1)
})

test('both ways give the same', () => {
  const wide = image(64, 20)
  const narrow = image(60, 20, (i) => wide.data[Math.floor(i / 180) * 192 + (i % 180)])
  const [a, b] = [half(wide), half(narrow)]
  for (let y = 0; y < 10; y++)
    expect(a.data.subarray(96 * y, 96 * y + 90)).toEqual(b.data.subarray(90 * y, 90 * y + 90))
})

test.each([64, 62])('black and white stay what they are, %i px wide', (width) => {
  for (const value of [0, 255]) expect(new Set(half(image(width, 16, () => value)).data)).toEqual(new Set([value]))
})

test('some rows at a time', () => {
  const whole = image(48, 37)
  const right = half(whole).data
  const target = Buffer.alloc(right.length)
  for (const [from, to] of [
    [0, 7],
    [7, 8],
    [8, 19],
  ])
    halveRows(whole, target, from, to)
  expect(Buffer.compare(target, Buffer.from(right))).toBe(0)
})
