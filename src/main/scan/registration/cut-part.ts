import type { FieldPx, Rect } from '../../../shared/geometry.ts'
import type { RgbImage } from '../../../shared/image.ts'
import type { FieldPart } from './match.ts'

/** A rectangle of a field's image, whole pixels, copied. */
export function cutPart({ data, widthPx }: RgbImage, { origin, width, height }: Rect<FieldPx>): FieldPart {
  const out = new Uint8Array(3 * width * height)
  for (let y = 0; y < height; y++) {
    const start = 3 * ((origin.y + y) * widthPx + origin.x)
    out.set(data.subarray(start, start + 3 * width), 3 * y * width)
  }
  return { image: { data: out, widthPx: width, heightPx: height }, corner: origin, binning: 1 }
}
