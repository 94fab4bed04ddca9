import { expect, test } from 'vitest'
import type { PixelRect } from './geometry.ts'
import type { Pixels } from './pixels.ts'
import { covered, shrinkInto } from './shrink.ts'

/** A seeded image of this size. */
function image(widthPx: number, heightPx: number): Pixels {
  let state = widthPx + 31 * heightPx
  const data = Uint8Array.from({ length: 3 * widthPx * heightPx }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state >>> 24
  })
  return { data, rect: { left: 0, top: 0, right: widthPx, bottom: heightPx } }
}

/** How much of [begin, end) lies in pixel i. */
const overlap = (begin: number, end: number, i: number) => Math.max(0, Math.min(end, i + 1) - Math.max(begin, i))

/** The mean over the area of one pixel of the target, summed over all pixels of the source, the plain way. */
function areaMean(source: Pixels, x: number, y: number, scale: number, left: number, top: number, channel: number) {
  const { right: width, bottom: height } = source.rect
  let [sum, area] = [0, 0]
  for (let sy = 0; sy < height; sy++) {
    const high = overlap((y - top) * scale, (y + 1 - top) * scale, sy)
    for (let sx = 0; high > 0 && sx < width; sx++) {
      const part = high * overlap((x - left) * scale, (x + 1 - left) * scale, sx)
      sum += part * source.data[3 * (sy * width + sx) + channel]
      area += part
    }
  }
  return Math.floor(sum / area + 0.5)
}

test.each([
  [2, 0, 0],
  [2, 3, 5],
  [2, 0.5, 2.5],
  [2, 1.25, -0.75],
  [4, 0.375, 0.125],
  [8, -1.125, 2],
  [1, 0.5, 0.25],
])('%i pixels to one, the image at %d, %d: the mean of the area', (scale, left, top) => {
  const source = image(61, 47)
  const size = { widthPx: 61, heightPx: 47 }
  const rect: PixelRect = {
    left: Math.round(left),
    top: Math.round(top),
    right: Math.round(left + 61 / scale),
    bottom: Math.round(top + 47 / scale),
  }
  const around = { left: rect.left - 2, top: rect.top - 1, right: rect.right + 3, bottom: rect.bottom + 1 }
  const target = {
    data: new Uint8Array(3 * (around.right - around.left) * (around.bottom - around.top)).fill(7),
    rect: around,
  }
  shrinkInto(target, rect, source, scale, left, top, size)
  for (let y = around.top; y < around.bottom; y++) {
    for (let x = around.left; x < around.right; x++) {
      const at = 3 * ((y - around.top) * (around.right - around.left) + x - around.left)
      const inside = x >= rect.left && x < rect.right && y >= rect.top && y < rect.bottom
      for (let channel = 0; channel < 3; channel++) {
        const right = inside ? areaMean(source, x, y, scale, left, top, channel) : 7
        // Halves may round either way.
        expect(Math.abs(target.data[at + channel] - right), `${x}, ${y}`).toBeLessThanOrEqual(inside ? 1 : 0)
      }
    }
  }
})

test('needs of the source no more than what it says', () => {
  const whole = image(61, 47)
  const size = { widthPx: 61, heightPx: 47 }
  const rect = { left: 4, top: 3, right: 12, bottom: 9 }
  const part = covered(rect, 4, 1.375, 0.5, size)
  const cut = { data: new Uint8Array(3 * (part.right - part.left) * (part.bottom - part.top)), rect: part }
  for (let y = part.top; y < part.bottom; y++) {
    const from = 3 * (61 * y + part.left)
    cut.data.set(
      whole.data.subarray(from, from + 3 * (part.right - part.left)),
      3 * (y - part.top) * (part.right - part.left),
    )
  }
  const [a, b] = [whole, cut].map((source) => {
    const target = { data: new Uint8Array(3 * 8 * 6), rect }
    shrinkInto(target, rect, source, 4, 1.375, 0.5, size)
    return target.data
  })
  expect(a).toEqual(b)
  expect(part).toEqual({ left: 10, top: 10, right: 43, bottom: 34 })
})
