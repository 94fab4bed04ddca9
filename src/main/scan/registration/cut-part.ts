import { type FieldPx, fieldPx, type Rect } from '../../../shared/geometry.ts'
import type { RgbImage } from '../../../shared/image.ts'
import type { FieldPart } from './match.ts'

/** A whole field, full size. */
export function wholePart(image: RgbImage): FieldPart {
  return { image, corner: fieldPx(0, 0), binning: 1 }
}

/** A rectangle of what a part shows, field pixels, whole pixels of the part; copied. */
export function cutPart(
  { image: { data, widthPx }, corner, binning }: FieldPart,
  { origin, width, height }: Rect<FieldPx>,
): FieldPart {
  const [columns, rows] = [width / binning, height / binning]
  const [left, top] = [(origin.x - corner.x) / binning, (origin.y - corner.y) / binning]
  const out = new Uint8Array(3 * columns * rows)
  for (let y = 0; y < rows; y++) {
    const start = 3 * ((top + y) * widthPx + left)
    out.set(data.subarray(start, start + 3 * columns), 3 * y * columns)
  }
  return { image: { data: out, widthPx: columns, heightPx: rows }, corner: origin, binning }
}
