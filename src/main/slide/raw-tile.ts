import type { RgbImage } from '../../shared/image.ts'
import type { PixelRect } from './geometry.ts'

/** A tile's pixels in memory: height x width x 3, RGB. `rect` is its place in its level. */
export interface RawTile {
  readonly level: number
  readonly x: number
  readonly y: number
  readonly rect: PixelRect
  readonly data: Buffer
}

/** Of slide nobody has looked at: the light grey of an empty field, all three channels. */
export const BACKGROUND = 240

/** Copies the part of an image that lies on the tile; `left` and `top` are the image's upper left corner in the tile's level. */
export function copyInto(tile: RawTile, image: RgbImage, left: number, top: number, region: PixelRect): void {
  const tileStride = 3 * (tile.rect.right - tile.rect.left)
  const imageStride = 3 * image.widthPx
  const bytes = 3 * (region.right - region.left)
  let to = (region.top - tile.rect.top) * tileStride + 3 * (region.left - tile.rect.left)
  let from = (region.top - top) * imageStride + 3 * (region.left - left)
  for (let y = region.top; y < region.bottom; y++) {
    tile.data.set(image.data.subarray(from, from + bytes), to)
    to += tileStride
    from += imageStride
  }
}
