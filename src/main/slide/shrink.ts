import type { PixelRect } from './geometry.ts'
import type { Pixels } from './pixels.ts'

/** Parts of a pixel that are told apart: places are known to an eighth of a pixel, so sums stay whole numbers. */
const PARTS = 8

interface Size {
  readonly widthPx: number
  readonly heightPx: number
}

/**
 * Draws a part of an image smaller: each pixel is the mean of the area it covers, parts of pixels counted as parts.
 * @param source pixels of the larger image; has to hold all that the part covers of it, see `covered`.
 * @param scale so many of its pixels each way make one; whole.
 * @param left,top where the image's upper left corner lies, in pixels of the target's level; may lie between pixels, to an eighth.
 * @param size of the whole larger image: what lies beyond does not count.
 */
export function shrinkInto(
  target: Pixels,
  rect: PixelRect,
  source: Pixels,
  scale: number,
  left: number,
  top: number,
  size: Size,
): void {
  const columns = means(rect.left, rect.right, scale, left, size.widthPx)
  const rows = means(rect.top, rect.bottom, scale, top, size.heightPx)
  const first = 3 * (columns.from[0] - source.rect.left)
  const sums = new Int32Array(3 * (columns.to[columns.to.length - 1] - columns.from[0]))
  const stride = 3 * (source.rect.right - source.rect.left)
  const targetStride = 3 * (target.rect.right - target.rect.left)
  const inPairs = isInPairs(columns) && isInPairs(rows)
  for (let y = 0; y < rows.from.length; y++) {
    const above = (rows.from[y] - source.rect.top) * stride + first
    const below = (rows.to[y] - 1 - source.rect.top) * stride + first
    const at = (rect.top + y - target.rect.top) * targetStride + 3 * (rect.left - target.rect.left)
    if (inPairs) {
      meansOfFour(target.data, at, source.data, above, below, columns.from.length)
      continue
    }
    sumRows(sums, source.data, above, below, stride, rows.first[y], rows.last[y])
    sumColumns(target.data, at, sums, columns, rows.parts[y])
  }
}

/** The part of the larger image that `rect` of the smaller shows, whole pixels. */
export function covered(rect: PixelRect, scale: number, left: number, top: number, size: Size): PixelRect {
  const columns = means(rect.left, rect.right, scale, left, size.widthPx)
  const rows = means(rect.top, rect.bottom, scale, top, size.heightPx)
  return { left: columns.from[0], top: rows.from[0], right: columns.to.at(-1)!, bottom: rows.to.at(-1)! }
}

/** What half the full size always is, but at the image's edge: a quarter of the time of the general way. */
function isInPairs({ from, to, first, last }: Means): boolean {
  return from.every((begin, i) => to[i] === begin + 2 && first[i] === PARTS && last[i] === PARTS)
}

function meansOfFour(
  target: Uint8Array,
  at: number,
  data: Uint8Array,
  above: number,
  below: number,
  count: number,
): void {
  for (let a = above, b = below, out = at, end = at + 3 * count; out < end; a += 6, b += 6, out += 3) {
    target[out] = (data[a] + data[a + 3] + data[b] + data[b + 3] + 2) >> 2
    target[out + 1] = (data[a + 1] + data[a + 4] + data[b + 1] + data[b + 4] + 2) >> 2
    target[out + 2] = (data[a + 2] + data[a + 5] + data[b + 2] + data[b + 5] + 2) >> 2
  }
}

/** Rows from `above` to `below`, of the outermost so many parts as are said. */
function sumRows(
  sums: Int32Array,
  data: Uint8Array,
  above: number,
  below: number,
  stride: number,
  first: number,
  last: number,
): void {
  const count = sums.length
  if (below === above + 2 * stride) {
    const middle = above + stride
    for (let i = 0; i < count; i++)
      sums[i] = first * data[above + i] + PARTS * data[middle + i] + last * data[below + i]
    return
  }
  for (let i = 0; i < count; i++) sums[i] = first * data[above + i] + last * data[below + i]
  for (let row = above + stride; row < below; row += stride)
    for (let i = 0; i < count; i++) sums[i] += PARTS * data[row + i]
}

/** One row of the target out of the sums of rows, which hold so many parts of each pixel. */
function sumColumns(target: Uint8Array, at: number, sums: Int32Array, columns: Means, rowParts: number): void {
  const origin = columns.from[0]
  for (let x = 0, out = at; x < columns.from.length; x++, out += 3) {
    const first = columns.first[x]
    const last = columns.last[x]
    const end = 3 * (columns.to[x] - 1 - origin)
    let i = 3 * (columns.from[x] - origin)
    let r = first * sums[i] + last * sums[end]
    let g = first * sums[i + 1] + last * sums[end + 1]
    let b = first * sums[i + 2] + last * sums[end + 2]
    for (i += 3; i < end; i += 3) {
      r += PARTS * sums[i]
      g += PARTS * sums[i + 1]
      b += PARTS * sums[i + 2]
    }
    const share = 1 / (rowParts * columns.parts[x])
    target[out] = r * share + 0.5
    target[out + 1] = g * share + 0.5
    target[out + 2] = b * share + 0.5
  }
}

/** For each pixel of a smaller line, which pixels of the larger make it. */
interface Means {
  readonly from: Int32Array
  /** Half open. */
  readonly to: Int32Array
  /** Parts of the first and the last of them that count; where there is but one, `last` is 0. */
  readonly first: Int32Array
  readonly last: Int32Array
  /** Parts in all. */
  readonly parts: Int32Array
}

/** Beside the image the outermost pixel stands for what there is not. */
function means(start: number, stop: number, scale: number, origin: number, size: number): Means {
  const count = stop - start
  const [from, to, first, last, parts] = Array.from({ length: 5 }, () => new Int32Array(count))
  for (let i = 0; i < count; i++) {
    const begin = Math.min(size - 1, Math.max(0, (start + i - origin) * scale))
    const end = Math.min(size, Math.max(begin, (start + i + 1 - origin) * scale))
    from[i] = Math.floor(begin)
    to[i] = Math.max(from[i] + 1, Math.ceil(end))
    const alone = to[i] === from[i] + 1
    first[i] = alone ? PARTS : Math.round((from[i] + 1 - begin) * PARTS)
    last[i] = alone ? 0 : Math.round((end - (to[i] - 1)) * PARTS)
    parts[i] = first[i] + last[i] + PARTS * Math.max(0, to[i] - from[i] - 2)
  }
  return { from, to, first, last, parts }
}
