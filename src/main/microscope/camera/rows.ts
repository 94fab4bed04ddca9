import { pagesFor } from '../../vector-code.ts'
/** Pixels of a row that are made at once. */
export const GROUP_PX = 16
/** Bytes before and behind each row: whole groups are read, one of them from a pixel to the left of the first. */
const MARGIN_BYTES = GROUP_PX

/** Of three rows as a camera sent them, each by its number. */
export type RowNumber = 0 | 1 | 2

/**
 * Memory in which frames are taken for RGB row by row, one frame after another: three rows as the camera sent them, and the one of RGB that is made of them.
 * Small enough to stay in the processor's cache.
 */
export class Rows {
  readonly memory = new WebAssembly.Memory({ initial: 1 })
  #bytes = Buffer.from(this.memory.buffer)
  #widthPx = 0

  /** For a frame so wide. */
  begin(widthPx: number): void {
    this.#widthPx = widthPx
    const missing = this.rgb + 3 * (widthPx + MARGIN_BYTES) - this.#bytes.length
    if (missing <= 0) return
    this.memory.grow(pagesFor(missing))
    this.#bytes = Buffer.from(this.memory.buffer)
  }

  get groups(): number {
    return Math.ceil(this.#widthPx / GROUP_PX)
  }

  /** Address of a row that the camera sent. */
  at(number: RowNumber): number {
    return this.#place(number)
  }

  /** Address of the row of RGB. */
  get rgb(): number {
    return this.#place(3)
  }

  #place(number: number): number {
    return MARGIN_BYTES + number * (this.#widthPx + 2 * MARGIN_BYTES)
  }

  take(number: RowNumber, data: Uint8Array, from: number, length = this.#widthPx): void {
    Buffer.from(data.buffer, data.byteOffset + from, length).copy(this.#bytes, this.at(number))
  }

  fill(number: RowNumber, value: number): void {
    this.#bytes.fill(value, this.at(number), this.at(number) + this.#widthPx)
  }

  /** One pixel more at either end, as the last but one there. */
  mirrorEnds(number: RowNumber): void {
    const [first, end] = [this.at(number), this.at(number) + this.#widthPx]
    this.#bytes[first - 1] = this.#bytes[first + 1]!
    this.#bytes[end] = this.#bytes[end - 2]!
  }

  /** Gives the row of RGB to a frame, as its row `y`. */
  give(frame: Uint8Array, y: number): void {
    const rowBytes = 3 * this.#widthPx
    this.#bytes.copy(frame, y * rowBytes, this.rgb, this.rgb + rowBytes)
  }
}
