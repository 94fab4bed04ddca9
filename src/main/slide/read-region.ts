import type { RgbImage } from '../../shared/image.ts'
import { intersection, type PixelRect, tileRect, tilesIn } from './geometry.ts'
import type { SlideGeometry } from './slide.ts'
import { loadTile } from './tile-files.ts'

/**
 * Pixels of a slide at full resolution, on a buffer of their own. What nobody painted is background; the rectangle has to lie on
 * the slide. Rejects `image-unreadable` where a tile is damaged.
 */
export async function readRegion(folder: string, geometry: SlideGeometry, rect: PixelRect): Promise<RgbImage> {
  const level = geometry.levels - 1
  const widthPx = rect.right - rect.left
  const data = new Uint8Array(3 * widthPx * (rect.bottom - rect.top))
  const tiles = tilesIn(rect)
  for (let y = tiles.top; y < tiles.bottom; y++) {
    for (let x = tiles.left; x < tiles.right; x++) {
      const place = tileRect(geometry, level, x, y)
      const bytes = 3 * (place.right - place.left) * (place.bottom - place.top)
      const tile = await loadTile(folder, { level, x, y, rect: place, data: Buffer.allocUnsafe(bytes) })
      copyOut(tile.data, place, data, rect)
    }
  }
  return { data, widthPx, heightPx: rect.bottom - rect.top }
}

/** The part of a tile that lies in the region. */
function copyOut(tile: Uint8Array, place: PixelRect, region: Uint8Array, rect: PixelRect): void {
  const shared = intersection(place, rect)
  const tileStride = 3 * (place.right - place.left)
  const stride = 3 * (rect.right - rect.left)
  const bytes = 3 * (shared.right - shared.left)
  let from = (shared.top - place.top) * tileStride + 3 * (shared.left - place.left)
  let to = (shared.top - rect.top) * stride + 3 * (shared.left - rect.left)
  for (let y = shared.top; y < shared.bottom; y++) {
    region.set(tile.subarray(from, from + bytes), to)
    from += tileStride
    to += stride
  }
}
