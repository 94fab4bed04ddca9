import { intersection, type PixelRect } from './geometry.ts'

/** Pixels and the rectangle they fill: height x width x 3, RGB, row by row. `data` may be longer. */
export interface Pixels {
  readonly data: Uint8Array
  readonly rect: PixelRect
}

/** Of slide nobody has looked at: the light grey of an empty field, all three channels. */
export const BACKGROUND = 240

const strideOf = ({ left, right }: PixelRect): number => 3 * (right - left)

/** Copies what both have, or of that what lies in `only`. */
export function copyRect(from: Pixels, to: Pixels, only: PixelRect = to.rect): void {
  const shared = intersection(intersection(from.rect, to.rect), only)
  const bytes = strideOf(shared)
  if (bytes <= 0) return
  for (let y = shared.top; y < shared.bottom; y++) {
    const at = (y - from.rect.top) * strideOf(from.rect) + 3 * (shared.left - from.rect.left)
    to.data.set(
      from.data.subarray(at, at + bytes),
      (y - to.rect.top) * strideOf(to.rect) + 3 * (shared.left - to.rect.left),
    )
  }
}

export function fillRect(to: Pixels, rect: PixelRect, value: number): void {
  const { left, top, right, bottom } = intersection(rect, to.rect)
  for (let y = top; y < bottom; y++) {
    const row = (y - to.rect.top) * strideOf(to.rect)
    to.data.fill(value, row + 3 * (left - to.rect.left), row + 3 * (right - to.rect.left))
  }
}
