/** An image in memory: `data` is height x width x 3, RGB, 8 bit, row by row, without padding. May sit on a SharedArrayBuffer. */
export interface RgbImage {
  readonly data: Uint8Array
  readonly widthPx: number
  readonly heightPx: number
}
