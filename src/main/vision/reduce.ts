import type { RgbImage } from '../../shared/image.ts'

/** An image at the working scale, one plane a colour, 0-255, `widthPx` x `heightPx`, row by row. */
export interface ReducedImage {
  readonly red: Uint8Array
  readonly green: Uint8Array
  readonly blue: Uint8Array
  readonly widthPx: number
  readonly heightPx: number
  /** Pixels of the original along one side of a working pixel. */
  readonly factor: number
}

/**
 * Averages `factor` x `factor` squares; from four on every second row of them, which the optics have blurred into the others
 * anyway. What is left over at the right and lower edge (less than a square) is not looked at.
 */
export function reduceImage(image: RgbImage, factor: number): ReducedImage {
  const widthPx = Math.max(1, Math.floor(image.widthPx / factor))
  const heightPx = Math.max(1, Math.floor(image.heightPx / factor))
  const side = Math.min(factor, image.widthPx)
  const rows = Math.min(factor, image.heightPx)
  const rowStep = factor >= 4 ? 2 : 1
  const red = new Uint8Array(widthPx * heightPx)
  const green = new Uint8Array(widthPx * heightPx)
  const blue = new Uint8Array(widthPx * heightPx)
  const sums = new Uint32Array(widthPx * 3)
  const { data } = image
  const scale = 1 / (side * Math.ceil(rows / rowStep))
  for (let y = 0; y < heightPx; y++) {
    sums.fill(0)
    for (let row = 0; row < rows; row += rowStep) {
      let at = (y * factor + row) * image.widthPx * 3
      for (let x = 0; x < sums.length; x += 3) {
        let r = 0
        let g = 0
        let b = 0
        for (const end = at + side * 3; at < end; at += 3) {
          r += data[at]
          g += data[at + 1]
          b += data[at + 2]
        }
        sums[x] += r
        sums[x + 1] += g
        sums[x + 2] += b
      }
    }
    const start = y * widthPx
    for (let x = 0, from = 0; x < widthPx; x++, from += 3) {
      red[start + x] = sums[from] * scale + 0.5
      green[start + x] = sums[from + 1] * scale + 0.5
      blue[start + x] = sums[from + 2] * scale + 0.5
    }
  }
  return { red, green, blue, widthPx, heightPx, factor }
}
