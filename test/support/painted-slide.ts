import { type SlidePx, slidePx } from '../../src/shared/geometry.ts'
import type { RgbImage } from '../../src/shared/image.ts'

/** A slide of odd size with overlapping fields of odd size, at places that are on no tile's edge: what a scan would paint. */
export const SLIDE_SIZE = { widthPx: 1901, heightPx: 1403 }
const FIELD = { widthPx: 601, heightPx: 507 }
const COLUMNS = 4

/** Upper left corners, in a serpentine; the last column and row reach beyond the slide. */
export const FIELDS: readonly SlidePx[] = Array.from({ length: 12 }, (_, index) => {
  const row = Math.floor(index / COLUMNS)
  const column = row % 2 === 0 ? index % COLUMNS : COLUMNS - 1 - (index % COLUMNS)
  return slidePx(11.4 + column * 460.5, 7.3 + row * 451.7)
})

/** What the camera sees there: cells and plasma in smooth shades, so that JPEG keeps it within a few grey values. */
export function fieldImage(index: number): RgbImage {
  const { x, y } = FIELDS[index]
  return { ...FIELD, data: shades(Math.round(x), Math.round(y), FIELD.widthPx, FIELD.heightPx, index) }
}

function shades(left: number, top: number, width: number, height: number, index: number): Uint8Array {
  const data = new Uint8Array(3 * width * height)
  for (let i = 0, y = top; y < top + height; y++) {
    for (let x = left; x < left + width; x++) {
      const cell = Math.max(0, Math.sin(x / 31) * Math.cos(y / 27))
      // Each field is lit a little otherwise, so that it shows which of two painted last.
      data[i++] = 225 - 110 * cell - 2 * index
      data[i++] = 215 - 150 * cell
      data[i++] = 230 - 60 * cell + index
    }
  }
  return data
}

/** The full resolution image that painting the first `count` fields has to give, and each level below it, top level first. */
export function expectedLevels(count: number, levels: number): RgbImage[] {
  const { widthPx, heightPx } = SLIDE_SIZE
  const full: RgbImage = { widthPx, heightPx, data: new Uint8Array(3 * widthPx * heightPx).fill(240) }
  for (let index = 0; index < count; index++) {
    const image = fieldImage(index)
    const left = Math.round(FIELDS[index].x)
    const top = Math.round(FIELDS[index].y)
    const visible = Math.min(image.widthPx, widthPx - left)
    for (let y = 0; y < image.heightPx && top + y < heightPx; y++) {
      const row = image.data.subarray(3 * y * image.widthPx, 3 * (y * image.widthPx + visible))
      full.data.set(row, 3 * ((top + y) * widthPx + left))
    }
  }
  const all = [full]
  while (all.length < levels) all.push(half(all.at(-1)!))
  return all
}

/** Two by two means, written the plain way. */
export function half(image: RgbImage): RgbImage {
  const widthPx = Math.ceil(image.widthPx / 2)
  const heightPx = Math.ceil(image.heightPx / 2)
  const data = new Uint8Array(3 * widthPx * heightPx)
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      for (let channel = 0; channel < 3; channel++) {
        let sum = 0
        let pixels = 0
        for (const [dx, dy] of [
          [0, 0],
          [1, 0],
          [0, 1],
          [1, 1],
        ]) {
          if (2 * x + dx >= image.widthPx || 2 * y + dy >= image.heightPx) continue
          sum += image.data[3 * ((2 * y + dy) * image.widthPx + 2 * x + dx) + channel]
          pixels++
        }
        data[3 * (y * widthPx + x) + channel] = Math.floor(sum / pixels + 0.5)
      }
    }
  }
  return { data, widthPx, heightPx }
}
