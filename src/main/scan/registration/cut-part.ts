import type { FieldPx, Rect } from '../../../shared/geometry.ts'
import type { RgbImage } from '../../../shared/image.ts'
import type { FieldPart } from './match.ts'

/** A rectangle of a field, even field pixels, copied from its image. @param binning field pixels along each side of one of the image's. */
export function cutPart(
  { data, widthPx }: RgbImage,
  binning: 1 | 2,
  { origin, width, height }: Rect<FieldPx>,
): FieldPart {
  const [columns, rows] = [width / binning, height / binning]
  const out = new Uint8Array(3 * columns * rows)
  for (let y = 0; y < rows; y++) {
    const start = 3 * ((origin.y / binning + y) * widthPx + origin.x / binning)
    out.set(data.subarray(start, start + 3 * columns), 3 * y * columns)
  }
  return { image: { data: out, widthPx: columns, heightPx: rows }, corner: origin, binning }
}
