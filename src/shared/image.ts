/** An image in memory: `data` is height x width x 3, RGB, 8 bit, row by row, without padding. May sit on a SharedArrayBuffer. */
export interface RgbImage {
  readonly data: Uint8Array
  readonly widthPx: number
  readonly heightPx: number
}

/**
 * New memory for an image's pixels, which threads share. A row to spare lies behind them: to compress a part of an image where it lies,
 * the encoder's binding wants memory for whole rows, also of the last one.
 */
export function rgbMemory(widthPx: number, heightPx: number): Uint8Array {
  return new Uint8Array(new SharedArrayBuffer(3 * widthPx * (heightPx + 1)), 0, 3 * widthPx * heightPx)
}
