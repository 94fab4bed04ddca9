import type { RgbImage } from '../../shared/image.ts'
import type { CropScale } from './analysis.ts'

/**
 * Resampling, the same along x and y, exact enough to be rebuilt elsewhere (float64, rounded half up):
 * - Pixel i of a row covers [i, i + 1). The crop covers [centre - side / 2, centre + side / 2); `outputPx` equal steps of
 *   `side / outputPx` divide it.
 * - Step >= 1 (shrinking): each output pixel is the mean of what its step covers, pixels at its ends weighted by their share.
 * - Step < 1 (enlarging): linear interpolation between pixel centres (i + 0.5) at the middle of the step.
 * - Beyond the image its outermost pixels repeat.
 */
interface Taps {
  /** First source pixel of each output pixel; may lie outside the image. */
  readonly first: Int32Array
  /** `perPixel` weights for each output pixel, summing to 1. */
  readonly weights: Float64Array
  readonly perPixel: number
}

function tapsFor(centre: number, side: number, outputPx: number): Taps {
  const step = side / outputPx
  const origin = centre - side / 2
  const perPixel = step >= 1 ? Math.ceil(step) + 1 : 2
  const first = new Int32Array(outputPx)
  const weights = new Float64Array(outputPx * perPixel)
  for (let k = 0; k < outputPx; k++) {
    if (step >= 1) {
      const from = origin + k * step
      const to = from + step
      first[k] = Math.floor(from)
      for (let tap = 0; tap < perPixel; tap++) {
        const covered = Math.min(to, first[k] + tap + 1) - Math.max(from, first[k] + tap)
        if (covered > 0) weights[k * perPixel + tap] = covered / step
      }
    } else {
      const at = origin + (k + 0.5) * step - 0.5
      first[k] = Math.floor(at)
      weights[k * 2 + 1] = at - first[k]
      weights[k * 2] = 1 - weights[k * 2 + 1]
    }
  }
  return { first, weights, perPixel }
}

/**
 * A square of the image, `sidePx` of its pixels wide (any positive number) round (`centreXPx`, `centreYPx`), resampled to
 * `outputPx` x `outputPx`. How: see `Taps`. Writes into `out` where given.
 *
 * @returns outputPx x outputPx x 3, RGB
 */
export function cropSquare(
  image: RgbImage,
  centreXPx: number,
  centreYPx: number,
  sidePx: number,
  outputPx: number,
  out: Uint8Array = new Uint8Array(outputPx * outputPx * 3),
): Uint8Array {
  const { data, widthPx, heightPx } = image
  const across = tapsFor(centreXPx, sidePx, outputPx)
  const down = tapsFor(centreYPx, sidePx, outputPx)
  // Columns first, for every source row the crop touches; then rows.
  const top = down.first[0]
  const sourceRows = down.first[outputPx - 1] + down.perPixel - top
  const narrowed = new Float64Array(sourceRows * outputPx * 3)
  for (let row = 0; row < sourceRows; row++) {
    const y = Math.min(heightPx - 1, Math.max(0, top + row))
    // Rows beyond the image repeat its outermost one, already narrowed.
    if (row > 0 && y === Math.min(heightPx - 1, Math.max(0, top + row - 1))) {
      narrowed.copyWithin(row * outputPx * 3, (row - 1) * outputPx * 3, row * outputPx * 3)
      continue
    }
    for (let k = 0, to = row * outputPx * 3; k < outputPx; k++, to += 3) {
      let r = 0
      let g = 0
      let b = 0
      for (let tap = 0; tap < across.perPixel; tap++) {
        const weight = across.weights[k * across.perPixel + tap]
        if (weight === 0) continue
        const x = across.first[k] + tap
        const from = (y * widthPx + (x < 0 ? 0 : x >= widthPx ? widthPx - 1 : x)) * 3
        r += weight * data[from]
        g += weight * data[from + 1]
        b += weight * data[from + 2]
      }
      narrowed[to] = r
      narrowed[to + 1] = g
      narrowed[to + 2] = b
    }
  }
  const rowLength = outputPx * 3
  for (let k = 0; k < outputPx; k++) {
    for (let i = 0; i < rowLength; i++) {
      let sum = 0
      for (let tap = 0; tap < down.perPixel; tap++) {
        const weight = down.weights[k * down.perPixel + tap]
        if (weight !== 0) sum += weight * narrowed[(down.first[k] - top + tap) * rowLength + i]
      }
      out[k * rowLength + i] = Math.floor(sum + 0.5)
    }
  }
  return out
}

/** The square a model wants round a point of the image: `inputPx` pixels of `scale.pixelSizeUm`. */
export function cropForModel(
  image: RgbImage,
  centreXPx: number,
  centreYPx: number,
  pixelSizeUm: number,
  scale: CropScale,
  out?: Uint8Array,
): Uint8Array {
  const sidePx = (scale.inputPx * scale.pixelSizeUm) / pixelSizeUm
  return cropSquare(image, centreXPx, centreYPx, sidePx, scale.inputPx, out)
}
