import type { RgbImage } from '../../shared/image.ts'
import { asBuffer } from '../as-buffer.ts'
import { pagesFor } from '../vector-code.ts'
import type { CropScale } from './analysis.ts'
import { BEYOND_MIXED_BYTES, cropKernel, GROUP_BYTES, SPILLED_BYTES } from './crop-kernel.ts'

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
  const across = tapsFor(centreXPx, sidePx, outputPx)
  const down = tapsFor(centreYPx, sidePx, outputPx)
  out.set(workshop.crop(image, across, down, outputPx))
  return out
}

/** Memory that crops are made in, one after another. */
class Workshop {
  #memory = new WebAssembly.Memory({ initial: 1 })
  #run = cropKernel(this.#memory)

  /** Good until the next one is made. */
  crop(image: RgbImage, across: Taps, down: Taps, sizePx: number): Uint8Array {
    const [columns, rows] = [reached(across, image.widthPx), reached(down, image.heightPx)]
    const rowBytes = 3 * (columns.last - columns.first + 1)
    const groups = Math.ceil(rowBytes / GROUP_BYTES)
    const strideBytes = groups * GROUP_BYTES
    const sourceBytes = (rows.last - rows.first + 1) * strideBytes
    const count = sizePx * across.perPixel
    // What is longest first, so that each begins at a multiple of its items' size.
    const mixed = 0
    const downAt = 8 * (strideBytes + BEYOND_MIXED_BYTES)
    const acrossAt = downAt + 8 * count
    const rowsAt = acrossAt + 8 * count
    const columnsAt = rowsAt + 4 * count
    const source = columnsAt + 4 * count
    const out = source + sourceBytes
    const buffer = this.#withRoom(out + 3 * sizePx ** 2 + SPILLED_BYTES)
    new Float64Array(buffer, downAt, count).set(down.weights)
    new Float64Array(buffer, acrossAt, count).set(across.weights)
    fill(new Int32Array(buffer, rowsAt, count), down, rows, strideBytes, source)
    fill(new Int32Array(buffer, columnsAt, count), across, columns, 3 * 8, 0)
    const pixels = asBuffer(image.data)
    const bytes = Buffer.from(buffer)
    for (let y = rows.first, at = source; y <= rows.last; y++, at += strideBytes) {
      const from = 3 * (y * image.widthPx + columns.first)
      pixels.copy(bytes, at, from, from + rowBytes)
    }
    this.#run(rowsAt, downAt, groups, mixed, columnsAt, acrossAt, out, sizePx, across.perPixel)
    return new Uint8Array(buffer, out, 3 * sizePx ** 2)
  }

  #withRoom(bytes: number): ArrayBuffer {
    const missing = bytes - this.#memory.buffer.byteLength
    if (missing > 0) this.#memory.grow(pagesFor(missing))
    return this.#memory.buffer
  }
}

const workshop = new Workshop()

/** Of the image, the pixels along one axis that taps reach; the outermost repeat beyond it. */
interface Reached {
  readonly first: number
  readonly last: number
}

function reached({ first, perPixel }: Taps, lengthPx: number): Reached {
  const inImage = (pixel: number) => Math.min(lengthPx - 1, Math.max(0, pixel))
  return { first: inImage(first[0]), last: inImage(first.at(-1)! + perPixel - 1) }
}

/** Where each tap's pixel lies, `start` being the first one's place and `step` the way to the next. */
function fill(places: Int32Array, { first, perPixel }: Taps, within: Reached, step: number, start: number): void {
  let i = 0
  for (const pixel of first) {
    for (let tap = 0; tap < perPixel; tap++) {
      places[i++] = start + step * (Math.min(within.last, Math.max(within.first, pixel + tap)) - within.first)
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
