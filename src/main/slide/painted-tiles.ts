import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type RgbImage, rgbMemory } from '../../shared/image.ts'
import { type PixelRect, tileRect, tilesIn } from './geometry.ts'
import { decodeTile } from './jpeg-tiles.ts'
import { BACKGROUND, copyRect, fillRect, type Pixels } from './pixels.ts'
import { unreadable } from './read-field-file.ts'
import type { SlideGeometry } from './slide.ts'

/**
 * The slide of a run from before fields were kept: a pyramid of JPEG files, `LEVEL/X_Y.jpg`, that its fields were painted into. Only
 * read. Its fields stay where they were painted.
 */
export class PaintedTiles {
  readonly #folder: string
  readonly #geometry: SlideGeometry

  constructor(folder: string, geometry: SlideGeometry) {
    this.#folder = folder
    this.#geometry = geometry
  }

  /** null: the run has none. */
  static in(folder: string, geometry: SlideGeometry): PaintedTiles | null {
    return existsSync(join(folder, String(geometry.levels - 1))) ? new PaintedTiles(folder, geometry) : null
  }

  /** null: nothing was painted there. Rejects `image-unreadable`. */
  async tile(level: number, x: number, y: number, rect: PixelRect): Promise<Pixels | null> {
    const path = join(this.#folder, String(level), `${x}_${y}.jpg`)
    const file = await readFile(path).catch(() => null)
    if (!file) return null
    try {
      return { data: await decodeTile(file, rect.right - rect.left, rect.bottom - rect.top), rect }
    } catch (error) {
      throw unreadable(path, error)
    }
  }

  /** What was painted on a part of the slide, at full size. */
  async region(rect: PixelRect): Promise<RgbImage> {
    const { levels } = this.#geometry
    const [widthPx, heightPx] = [rect.right - rect.left, rect.bottom - rect.top]
    const region = { data: rgbMemory(widthPx, heightPx), rect }
    fillRect(region, rect, BACKGROUND)
    const tiles = tilesIn(rect)
    for (let y = tiles.top; y < tiles.bottom; y++) {
      for (let x = tiles.left; x < tiles.right; x++) {
        const painted = await this.tile(levels - 1, x, y, tileRect(this.#geometry, levels - 1, x, y))
        if (painted) copyRect(painted, region)
      }
    }
    return { data: region.data, widthPx, heightPx }
  }
}
