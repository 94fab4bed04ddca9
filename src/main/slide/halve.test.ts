import { expect, test } from 'vitest'
import { half } from '../../../test/support/painted-slide.ts'
import type { PixelRect } from './geometry.ts'
import { halveInto } from './halve.ts'
import type { RawTile } from './raw-tile.ts'

function tile(rect: PixelRect, fill: (i: number) => number): RawTile {
  const data = Buffer.allocUnsafeSlow(3 * (rect.right - rect.left) * (rect.bottom - rect.top))
  for (let i = 0; i < data.length; i++) data[i] = fill(i)
  return { level: 0, x: 0, y: 0, rect, data }
}

const mixed = (i: number) => (Math.imul(i + 1, 2_654_435_761) >>> 13) & 255

test.each([
  [64, 32],
  [63, 32],
  [62, 31],
  [61, 33],
  [1, 1],
  [4, 1],
  [1, 6],
])('a whole tile of %i x %i px, at an edge or not', (width, height) => {
  const child = tile({ left: 0, top: 0, right: width, bottom: height }, mixed)
  const expected = half({ data: child.data, widthPx: width, heightPx: height })
  const rect = { left: 0, top: 0, right: expected.widthPx, bottom: expected.heightPx }
  const parent = tile(rect, () => 0)
  halveInto(parent, child, rect)
  expect(Buffer.compare(parent.data, expected.data)).toBe(0)
})

test('black and white stay what they are', () => {
  for (const value of [0, 255]) {
    const parent = tile({ left: 0, top: 0, right: 8, bottom: 8 }, () => 7)
    halveInto(
      parent,
      tile({ left: 0, top: 0, right: 16, bottom: 16 }, () => value),
      parent.rect,
    )
    expect(new Set(parent.data)).toEqual(new Set([value]))
  }
})

test.each([64, 62])('a region with odd edges, of a child in the lower right quarter, %i px wide', (width) => {
  const child = tile({ left: 64, top: 64, right: 64 + width, bottom: 128 }, mixed)
  const expected = half({ data: child.data, widthPx: width, heightPx: 64 })
  const parent = tile({ left: 0, top: 0, right: 32 + width / 2, bottom: 64 }, () => 9)
  // What the child showed before is in the parent already; outside the region it stays.
  halveInto(parent, child, { left: 32, top: 32, right: 32 + width / 2, bottom: 64 })
  const whole = Buffer.from(parent.data)
  const region = { left: 37, top: 41, right: 50, bottom: 54 }
  for (let y = region.top; y < region.bottom; y++) {
    parent.data.fill(0, 3 * (y * parent.rect.right + region.left), 3 * (y * parent.rect.right + region.right))
  }
  halveInto(parent, child, region)
  expect(Buffer.compare(parent.data, whole)).toBe(0)
  for (let y = 0; y < expected.heightPx; y++) {
    const at = 3 * ((32 + y) * parent.rect.right + 32)
    const row = parent.data.subarray(at, at + 3 * expected.widthPx)
    expect(Buffer.compare(row, expected.data.subarray(3 * y * expected.widthPx, 3 * (y + 1) * expected.widthPx))).toBe(
      0,
    )
  }
  expect(new Set(parent.data.subarray(0, 3 * 32 * parent.rect.right))).toEqual(new Set([9]))
})
