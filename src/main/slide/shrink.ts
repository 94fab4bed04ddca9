import type { PixelRect } from './geometry.ts'
import type { Pixels } from './pixels.ts'

/** Which pixels of a line make one of the smaller line, and how much of the first and the last. */
interface Mean {
  readonly from: number
  /** Half open. */
  readonly to: number
  readonly first: number
  readonly last: number
  /** How many they are in all. */
  readonly pixels: number
}

/**
 * Draws a part of an image smaller: each pixel is the mean of the area it covers, parts of pixels counted as parts.
 * @param source pixels of the larger image; has to hold all that the part covers of it, see `covered`.
 * @param scale so many of its pixels each way make one; whole.
 * @param left,top where the image's upper left corner lies, in pixels of the target's level; may lie between pixels.
 * @param size of the whole larger image: what lies beyond does not count.
 */
export function shrinkInto(
  target: Pixels,
  rect: PixelRect,
  source: Pixels,
  scale: number,
  left: number,
  top: number,
  size: { readonly widthPx: number; readonly heightPx: number },
): void {
  const columns = means(rect.left, rect.right, scale, left, size.widthPx)
  const rows = means(rect.top, rect.bottom, scale, top, size.heightPx)
  const stride = 3 * (source.rect.right - source.rect.left)
  const sums = new Float64Array(stride)
  const targetStride = 3 * (target.rect.right - target.rect.left)
  for (const [j, row] of rows.entries()) {
    sumRows(sums, source, stride, row)
    let out = (rect.top + j - target.rect.top) * targetStride + 3 * (rect.left - target.rect.left)
    for (const { from, to, first, last, pixels } of columns) {
      let i = 3 * (from - source.rect.left)
      const end = 3 * (to - 1 - source.rect.left)
      let r = first * sums[i]
      let g = first * sums[i + 1]
      let b = first * sums[i + 2]
      for (i += 3; i < end; i += 3) {
        r += sums[i]
        g += sums[i + 1]
        b += sums[i + 2]
      }
      // Where one pixel is all there is, `last` is nothing.
      r += last * sums[end]
      g += last * sums[end + 1]
      b += last * sums[end + 2]
      const area = row.pixels * pixels
      target.data[out++] = r / area + 0.5
      target.data[out++] = g / area + 0.5
      target.data[out++] = b / area + 0.5
    }
  }
}

/** The part of the larger image that `rect` of the smaller shows, whole pixels. */
export function covered(
  rect: PixelRect,
  scale: number,
  left: number,
  top: number,
  size: { readonly widthPx: number; readonly heightPx: number },
): PixelRect {
  const columns = [mean(rect.left, scale, left, size.widthPx), mean(rect.right - 1, scale, left, size.widthPx)]
  const rows = [mean(rect.top, scale, top, size.heightPx), mean(rect.bottom - 1, scale, top, size.heightPx)]
  return { left: columns[0].from, top: rows[0].from, right: columns[1].to, bottom: rows[1].to }
}

function sumRows(sums: Float64Array, source: Pixels, stride: number, { from, to, first, last }: Mean): void {
  const at = (row: number) => (row - source.rect.top) * stride
  const { data } = source
  for (let i = 0, a = at(from), b = at(to - 1); i < stride; i++) sums[i] = first * data[a + i] + last * data[b + i]
  for (let row = from + 1; row < to - 1; row++) for (let i = 0, a = at(row); i < stride; i++) sums[i] += data[a + i]
}

function means(from: number, to: number, scale: number, origin: number, size: number): Mean[] {
  return Array.from({ length: to - from }, (_, i) => mean(from + i, scale, origin, size))
}

/** Of the pixel at `at`; beside the image it is the mean of the outermost pixel. */
function mean(at: number, scale: number, origin: number, size: number): Mean {
  const begin = Math.min(size - 1, Math.max(0, (at - origin) * scale))
  const end = Math.min(size, Math.max(begin, (at + 1 - origin) * scale))
  const from = Math.floor(begin)
  const to = Math.max(from + 1, Math.ceil(end))
  if (to === from + 1) return { from, to, first: 1, last: 0, pixels: 1 }
  return { from, to, first: from + 1 - begin, last: end - (to - 1), pixels: end - begin }
}
