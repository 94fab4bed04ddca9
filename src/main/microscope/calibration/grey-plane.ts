import type { RgbImage } from '../../../shared/image.ts'

/** Brightness, row by row. */
export interface GreyPlane {
  readonly values: Float32Array
  readonly widthPx: number
  readonly heightPx: number
  /** Image pixels along each side of one of its pixels. */
  readonly binned: number
}

/** A pixel brighter than both its neighbours in the row by so many grey levels is stuck: optics blur every real point. */
const STUCK_LEVELS = 16

/** The green channel, where Giemsa stains contrast most, means of `bin` x `bin` pixels; what does not fill a bin is left out. */
export function greyPlane({ data, widthPx, heightPx }: RgbImage, bin: number): GreyPlane {
  const width = Math.floor(widthPx / bin)
  const height = Math.floor(heightPx / bin)
  const values = new Float32Array(width * height)
  const scale = 1 / (bin * bin)
  for (let y = 0; y < height * bin; y++) {
    const row = 3 * y * widthPx + 1
    const out = Math.floor(y / bin) * width
    for (let x = 0; x < width * bin; x++) {
      const left = data[row + 3 * Math.max(0, x - 1)]!
      const right = data[row + 3 * Math.min(widthPx - 1, x + 1)]!
      let value = data[row + 3 * x]!
      if (value > left + STUCK_LEVELS && value > right + STUCK_LEVELS) value = (left + right) / 2
      values[out + Math.floor(x / bin)]! += value * scale
    }
  }
  return { values, widthPx: width, heightPx: height, binned: bin }
}
