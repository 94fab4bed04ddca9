import { describe, expect, it } from 'vitest'
import type { RgbImage } from '../../shared/image.ts'
import { cropForModel, cropSquare } from './crop.ts'

const image: RgbImage = (() => {
  const data = new Uint8Array(90 * 70 * 3)
  let state = 7
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    data[i] = state >>> 16
  }
  return { data, widthPx: 90, heightPx: 70 }
})()

/** Mean of a channel over a rectangle of the image, pixels at its rim by their share; the outermost repeat beyond. */
function areaMean(channel: number, left: number, top: number, side: number): number {
  let sum = 0
  for (let y = Math.floor(top); y < top + side; y++) {
    for (let x = Math.floor(left); x < left + side; x++) {
      const across = Math.min(left + side, x + 1) - Math.max(left, x)
      const down = Math.min(top + side, y + 1) - Math.max(top, y)
      const inX = Math.min(image.widthPx - 1, Math.max(0, x))
      const inY = Math.min(image.heightPx - 1, Math.max(0, y))
      sum += across * down * image.data[(inY * image.widthPx + inX) * 3 + channel]
    }
  }
  return sum / (side * side)
}

describe('cropSquare', () => {
  // Steps of 1.3 to 5: three, four and more taps.
  it.each([
    [26, 20, 45, 35],
    [41.7, 20, 44.2, 33.9],
    [55, 20, 3.5, 66],
    [100, 20, 45, 35],
    [31, 16, 89.9, 0.1],
  ])('shrinks %s px to %s at (%s, %s) by the mean of what each pixel covers', (side, outputPx, x, y) => {
    const crop = cropSquare(image, x, y, side, outputPx)
    const step = side / outputPx
    for (let row = 0; row < outputPx; row++) {
      for (let column = 0; column < outputPx; column++) {
        for (let channel = 0; channel < 3; channel++) {
          const mean = areaMean(channel, x - side / 2 + column * step, y - side / 2 + row * step, step)
          expect(Math.abs(crop[(row * outputPx + column) * 3 + channel] - mean)).toBeLessThanOrEqual(0.5 + 1e-9)
        }
      }
    }
  })

  it('copies where nothing is to be resampled', () => {
    const crop = cropSquare(image, 30, 20, 10, 10)
    for (let row = 0; row < 10; row++) {
      const from = ((15 + row) * image.widthPx + 25) * 3
      expect(crop.subarray(row * 30, row * 30 + 30)).toEqual(image.data.subarray(from, from + 30))
    }
  })

  it('enlarges by linear interpolation, writes where it is told, and does not remember the last crop', () => {
    const grey = { data: Uint8Array.of(0, 0, 0, 100, 100, 100), widthPx: 2, heightPx: 1 }
    const out = new Uint8Array(4 * 4 * 3).fill(9)
    cropSquare(image, 45, 35, 60, 30)
    expect(cropSquare(grey, 1, 0.5, 2, 4, out)).toBe(out)
    expect([0, 3, 6, 9].map((at) => out[at])).toEqual([0, 25, 75, 100])
  })

  it('gives a model the square it wants', () => {
    const scale = { inputPx: 20, pixelSizeUm: 0.2 }
    expect(cropForModel(image, 40, 30, 0.1, scale)).toEqual(cropSquare(image, 40, 30, 40, 20))
  })
})
