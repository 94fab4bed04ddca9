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
  // Columns first, then rows. Only the rows that the next row of the crop is mixed from are kept, in turn: they stay in the
  // processor's nearest cache.
  const rowLength = outputPx * 3
  const kept = down.perPixel
  if (narrowed.length < kept * rowLength) narrowed = new Float64Array(kept * rowLength)
  const columns = byteOffsets(across, widthPx)
  const starts = new Int32Array(kept)
  let next = down.first[0]
  for (let k = 0; k < outputPx; k++) {
    const first = down.first[k]
    for (next = Math.max(next, first); next < first + kept; next++) {
      const y = Math.min(heightPx - 1, Math.max(0, next))
      narrowRow(data, y * widthPx * 3, columns, across, narrowed, slotOf(next, kept) * rowLength)
    }
    for (let tap = 0; tap < kept; tap++) starts[tap] = slotOf(first + tap, kept) * rowLength
    const weights = down.weights.subarray(k * kept, (k + 1) * kept)
    mixRows(narrowed, starts, rowLength, weights, out, k * rowLength)
  }
  return out
}

/** Rows on their way; kept, because new memory for each crop costs more than filling it. */
let narrowed = new Float64Array(0)

/** Rows above the image have negative numbers. */
const slotOf = (row: number, slots: number) => ((row % slots) + slots) % slots

/** Where in a row each tap's pixel begins, the outermost pixels repeating beyond the image. */
function byteOffsets({ first, perPixel }: Taps, widthPx: number): Int32Array {
  return Int32Array.from(
    { length: first.length * perPixel },
    (_, i) => 3 * Math.min(widthPx - 1, Math.max(0, first[Math.floor(i / perPixel)] + (i % perPixel))),
  )
}

/** One source row to the crop's width. The usual numbers of taps are written out: most of the time goes here and in `mixRows`. */
function narrowRow(data: Uint8Array, row: number, columns: Int32Array, taps: Taps, out: Float64Array, start: number) {
  const { weights, perPixel } = taps
  const count = columns.length
  let to = start
  if (perPixel === 3) {
    for (let i = 0; i < count; i += 3, to += 3) {
      const a = row + columns[i]
      const b = row + columns[i + 1]
      const c = row + columns[i + 2]
      const wa = weights[i]
      const wb = weights[i + 1]
      const wc = weights[i + 2]
      out[to] = wa * data[a] + wb * data[b] + wc * data[c]
      out[to + 1] = wa * data[a + 1] + wb * data[b + 1] + wc * data[c + 1]
      out[to + 2] = wa * data[a + 2] + wb * data[b + 2] + wc * data[c + 2]
    }
  } else if (perPixel === 4) {
    for (let i = 0; i < count; i += 4, to += 3) {
      const a = row + columns[i]
      const b = row + columns[i + 1]
      const c = row + columns[i + 2]
      const d = row + columns[i + 3]
      const wa = weights[i]
      const wb = weights[i + 1]
      const wc = weights[i + 2]
      const wd = weights[i + 3]
      out[to] = wa * data[a] + wb * data[b] + wc * data[c] + wd * data[d]
      out[to + 1] = wa * data[a + 1] + wb * data[b + 1] + wc * data[c + 1] + wd * data[d + 1]
      out[to + 2] = wa * data[a + 2] + wb * data[b + 2] + wc * data[c + 2] + wd * data[d + 2]
    }
  } else {
    for (let i = 0; i < count; i += perPixel, to += 3) {
      for (let channel = 0; channel < 3; channel++) {
        let sum = 0
        for (let tap = 0; tap < perPixel; tap++) sum += weights[i + tap] * data[row + columns[i + tap] + channel]
        out[to + channel] = sum
      }
    }
  }
}

/** Rows that begin at `starts`, one a weight, to one row of the crop, rounded half up. */
function mixRows(
  rows: Float64Array,
  starts: Int32Array,
  rowLength: number,
  weights: Float64Array,
  out: Uint8Array,
  to: number,
): void {
  const [a, b, c, d] = starts
  const [wa, wb, wc, wd] = weights
  if (weights.length === 3) {
    for (let i = 0; i < rowLength; i++) {
      out[to + i] = wa * rows[a + i] + wb * rows[b + i] + wc * rows[c + i] + 0.5
    }
  } else if (weights.length === 4) {
    for (let i = 0; i < rowLength; i++) {
      out[to + i] = wa * rows[a + i] + wb * rows[b + i] + wc * rows[c + i] + wd * rows[d + i] + 0.5
    }
  } else {
    for (let i = 0; i < rowLength; i++) {
      let sum = 0
      for (let tap = 0; tap < weights.length; tap++) sum += weights[tap] * rows[starts[tap] + i]
      out[to + i] = sum + 0.5
    }
  }
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
