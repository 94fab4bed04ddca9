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

/**
 * Shrinks a region of a tile to half into the tile one level below it: the rounded mean of two by two pixels. Where the level
 * has an odd width or height, its last column or row is the mean of the pixels there are.
 * @param region pixels of the parent's level, within the parent, of which the child shows all.
 */
export function halveInto(parent: RawTile, child: RawTile, region: PixelRect): void {
  const from = child.data
  const to = parent.data
  const fromStride = 3 * (child.rect.right - child.rect.left)
  const toStride = 3 * (parent.rect.right - parent.rect.left)
  // Only the last column can lack a right neighbour, only the last row a lower one.
  const whole = Math.min(region.right, Math.floor(child.rect.right / 2))
  for (let y = region.top; y < region.bottom; y++) {
    const rowBelow = 2 * y + 1 < child.rect.bottom ? fromStride : 0
    let a = (2 * y - child.rect.top) * fromStride + 3 * (2 * region.left - child.rect.left)
    let b = a + rowBelow
    let o = (y - parent.rect.top) * toStride + 3 * (region.left - parent.rect.left)
    for (let x = region.left; x < whole; x++) {
      to[o] = (from[a] + from[a + 3] + from[b] + from[b + 3] + 2) >> 2
      to[o + 1] = (from[a + 1] + from[a + 4] + from[b + 1] + from[b + 4] + 2) >> 2
      to[o + 2] = (from[a + 2] + from[a + 5] + from[b + 2] + from[b + 5] + 2) >> 2
      a += 6
      b += 6
      o += 3
    }
    if (whole < region.right) {
      for (let channel = 0; channel < 3; channel++) to[o + channel] = (from[a + channel] + from[b + channel] + 1) >> 1
    }
  }
}
