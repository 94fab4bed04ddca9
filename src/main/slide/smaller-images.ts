import type { RgbImage } from '../../shared/image.ts'
import { asBuffer } from '../as-buffer.ts'
import { pagesFor } from '../vector-code.ts'
import { GROUP_PX, type HalveKernel, halveKernel, SPILLED_BYTES } from './halve-kernel.ts'
import type { StridedImage } from './strided.ts'

/**
 * Rows of the full image brought into the kernel's memory at once: they stay in the processor's cache until they are used. With 64 it took
 * 1.4 times as long.
 */
const BAND_ROWS = 16

/** One of the images, and where it lies in the memory. */
interface Level extends StridedImage {
  readonly at: number
}

/**
 * The halves, quarters and eighths of images of one size, made in memory that stays. An image is good until the next one is made.
 */
export class SmallerImages {
  readonly #bytes: Buffer
  readonly #halve: HalveKernel
  readonly #widthPx: number
  readonly #heightPx: number
  readonly #stridePx: number
  readonly #levels: readonly Level[]

  /** @param count images below the full one. */
  constructor(widthPx: number, heightPx: number, count: number) {
    this.#widthPx = widthPx
    this.#heightPx = heightPx
    this.#stridePx = wholeGroups(widthPx)
    let at = 3 * this.#stridePx * BAND_ROWS
    const places = Array.from({ length: count }, (_, i) => {
      const size = { widthPx: Math.ceil(widthPx / 2 ** (i + 1)), heightPx: Math.ceil(heightPx / 2 ** (i + 1)) }
      const stridePx = wholeGroups(size.widthPx)
      // A row to spare, so that every tile goes on for a whole stride: see `tilePixels`.
      const bytes = 3 * stridePx * (size.heightPx + 1) + SPILLED_BYTES
      at += bytes
      return { ...size, stridePx, at: at - bytes, bytes }
    })
    const memory = new WebAssembly.Memory({ initial: pagesFor(at) })
    this.#bytes = Buffer.from(memory.buffer)
    this.#halve = halveKernel(memory)
    this.#levels = places.map(({ bytes, ...place }) => ({
      ...place,
      data: this.#bytes.subarray(place.at, place.at + bytes),
    }))
  }

  fits({ widthPx, heightPx }: RgbImage): boolean {
    return widthPx === this.#widthPx && heightPx === this.#heightPx
  }

  /** Makes the largest: yields after every band, so that others get their turn, and the image at the end. */
  *half(image: RgbImage): Generator<void, StridedImage> {
    const pixels = asBuffer(image.data)
    const rowBytes = 3 * image.widthPx
    const stride = 3 * this.#stridePx
    for (let top = 0; top < image.heightPx; top += BAND_ROWS) {
      const rows = Math.min(BAND_ROWS, image.heightPx - top)
      if (stride === rowBytes) {
        pixels.copy(this.#bytes, 0, top * rowBytes, (top + rows) * rowBytes)
      } else {
        for (let y = 0; y < rows; y++)
          pixels.copy(this.#bytes, y * stride, (top + y) * rowBytes, (top + y + 1) * rowBytes)
      }
      const band = { widthPx: image.widthPx, heightPx: rows, stridePx: this.#stridePx, at: 0 }
      this.#halveInto(this.#levels[0], band, top / 2)
      yield
    }
    return this.#levels[0]
  }

  /** Makes the one below image `level` (0: the largest of these), which has been made. */
  next(level: number): StridedImage {
    this.#halveInto(this.#levels[level + 1], this.#levels[level], 0)
    return this.#levels[level + 1]
  }

  #halveInto(target: Level, source: Omit<Level, 'data'>, firstRow: number): void {
    const [from, to] = [3 * source.stridePx, 3 * target.stridePx]
    const at = target.at + firstRow * to
    const groups = Math.ceil(source.widthPx / GROUP_PX)
    this.#repeatLast(source)
    const pairs = Math.floor(source.heightPx / 2)
    if (pairs > 0) this.#halve(source.at, at, groups, pairs, from, to, from)
    // A last row that has none below it.
    if (source.heightPx % 2 === 1) this.#halve(source.at + 2 * pairs * from, at + pairs * to, groups, 1, from, to, 0)
  }

  /** Of an odd width the last column is its own neighbour. */
  #repeatLast({ widthPx, heightPx, stridePx, at }: Omit<Level, 'data'>): void {
    if (widthPx % 2 === 0) return
    for (let y = 0; y < heightPx; y++) {
      const last = at + 3 * (y * stridePx + widthPx - 1)
      this.#bytes.copyWithin(last + 3, last, last + 3)
    }
  }
}

const wholeGroups = (widthPx: number): number => Math.ceil(widthPx / GROUP_PX) * GROUP_PX
