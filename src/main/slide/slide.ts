import type { SlidePx } from '../../shared/geometry.ts'
import type { RgbImage } from '../../shared/image.ts'

export const TILE_SIZE_PX = 512

export interface SlideGeometry {
  readonly widthPx: number
  readonly heightPx: number
  readonly tileSizePx: number
  /** Deep Zoom numbering: level 0 is one pixel, `levels - 1` full resolution. */
  readonly levels: number
  /** The lowest level kept: the first that fits one tile. */
  readonly lowestLevel: number
}

/** A growing pyramid of JPEG tiles: `LEVEL/X_Y.jpg` in the run's folder. */
export interface Slide {
  readonly geometry: SlideGeometry
  /**
   * Paints the image with its upper left corner at a point (rounded to the pixel) and updates every level; what lies outside
   * the slide is cut off. When it resolves, every touched tile is whole on disk (written elsewhere, fsynced, renamed); when it
   * rejects, some tiles may show the image, and painting it again puts that right. Calls are worked off in order; the image
   * must not change meanwhile. Rejects `disk-full`, `data-unwritable`, `image-unreadable` (a tile on disk is damaged).
   */
  paint(image: RgbImage, at: SlidePx): Promise<void>
  /** Path of a tile, whether or not it is there. */
  tilePath(level: number, x: number, y: number): string
  /** Resolves when nothing is being written; frees the cache. */
  close(): Promise<void>
}
