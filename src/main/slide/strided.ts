/** An image whose rows may be followed by memory that is none of it: height x stride x 3, RGB. `data` may go on after the last row. */
export interface StridedImage {
  readonly data: Uint8Array
  readonly widthPx: number
  readonly heightPx: number
  /** From one row to the next. */
  readonly stridePx: number
}
