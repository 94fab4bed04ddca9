import type { RgbImage } from '../../shared/image.ts'

/**
 * A small image at half its size, on a buffer of its own: the rounded mean of two by two pixels; of an odd width or height the last
 * column or row is the mean of the pixels there are. Large ones: see `SmallerImages`.
 */
export function half(image: RgbImage): RgbImage {
  const { data, widthPx: width } = image
  const widthPx = Math.ceil(width / 2)
  const heightPx = Math.ceil(image.heightPx / 2)
  const smaller = new Uint8Array(3 * widthPx * heightPx)
  for (let y = 0, out = 0; y < heightPx; y++) {
    const above = 3 * width * 2 * y
    // Only the last row can lack a lower neighbour, and the last column a right one.
    const below = 2 * y + 1 < image.heightPx ? above + 3 * width : above
    for (let x = 0; x < width; x += 2) {
      const next = x + 1 < width ? 3 : 0
      for (let i = 3 * x; i < 3 * x + 3; i++, out++) {
        const [a, b] = [above + i, below + i]
        smaller[out] = (data[a] + data[a + next] + data[b] + data[b + next] + 2) >> 2
      }
    }
  }
  return { data: smaller, widthPx, heightPx }
}
