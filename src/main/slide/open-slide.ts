import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { SlidePx } from '../../shared/geometry.ts'
import type { RgbImage } from '../../shared/image.ts'
import { diskError } from '../disk-errors.ts'
import { syncFolder } from '../durable-files.ts'
import { below, covers, intersection, isEmpty, type PixelRect, slideGeometry, tileRect, tilesIn } from './geometry.ts'
import { halveInto } from './halve.ts'
import { copyInto, type RawTile } from './raw-tile.ts'
import type { Slide, SlideGeometry } from './slide.ts'
import { TileCache } from './tile-cache.ts'
import { loadTile, outputBuffer, prepareFolders, storeTile, tilePath } from './tile-files.ts'

/**
 * Raw tiles kept: neighbouring fields touch the same ones. About a row of eight fields of 2048 x 1536 px, so that the next row
 * need not decode what it overlaps.
 */
const CACHE_BYTES = 128 * 1024 * 1024

/** Tiles compressed and written at once: enough to keep libuv's four threads busy while some wait for the disk. */
const WRITES_AT_ONCE = 8

/**
 * A run's slide in a folder. Opening touches nothing on disk, so a slide may be opened for its geometry while another is
 * painting it; only one may paint, the one of the process that holds the bench lock.
 */
export function openSlide(folder: string, size: { readonly widthPx: number; readonly heightPx: number }): Slide {
  return new GrowingSlide(folder, slideGeometry(size.widthPx, size.heightPx))
}

/** One image being painted: where it goes, and what is still being written of it. */
interface Painting {
  readonly image: RgbImage
  readonly left: number
  readonly top: number
  /** The part of the slide it changes, at full resolution. */
  readonly rect: PixelRect
  readonly underWay: Set<Promise<unknown>>
  failure: { readonly error: unknown } | null
}

class GrowingSlide implements Slide {
  readonly geometry: SlideGeometry
  readonly #folder: string
  readonly #cache = new TileCache(CACHE_BYTES)
  readonly #outputs: Buffer[] = []
  #queue: Promise<void> = Promise.resolve()
  #prepared = false
  #closed = false

  constructor(folder: string, geometry: SlideGeometry) {
    this.#folder = folder
    this.geometry = geometry
  }

  tilePath(level: number, x: number, y: number): string {
    return tilePath(this.#folder, level, x, y)
  }

  paint(image: RgbImage, at: SlidePx): Promise<void> {
    if (this.#closed) return Promise.reject(new Error('the slide is closed'))
    const painted = this.#queue.then(() => this.#paint(image, at))
    this.#queue = painted.catch(() => undefined)
    return painted
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#queue
    this.#cache.clear()
    this.#outputs.length = 0
  }

  async #paint(image: RgbImage, at: SlidePx): Promise<void> {
    if (image.data.length !== 3 * image.widthPx * image.heightPx) throw new RangeError('pixels do not fit the size')
    const { widthPx, heightPx, levels, lowestLevel } = this.geometry
    const left = Math.round(at.x)
    const top = Math.round(at.y)
    const rect = intersection(
      { left, top, right: left + image.widthPx, bottom: top + image.heightPx },
      { left: 0, top: 0, right: widthPx, bottom: heightPx },
    )
    if (isEmpty(rect)) return
    const painting: Painting = { image, left, top, rect, underWay: new Set(), failure: null }
    try {
      await this.#prepare()
      await this.#paintTile(painting, await this.#use(painting, lowestLevel, 0, 0), null)
      await settled(painting)
      if (painting.failure) throw painting.failure.error
      for (let level = lowestLevel; level < levels; level++) await syncFolder(join(this.#folder, String(level)))
    } catch (error) {
      await settled(painting)
      // Some tiles in memory are now newer than their files: what is painted next starts from the files.
      this.#cache.clear()
      throw diskError(error, this.#folder) ?? error
    }
  }

  async #prepare(): Promise<void> {
    if (this.#prepared) return
    const { levels, lowestLevel } = this.geometry
    const kept = Array.from({ length: levels - lowestLevel }, (_, i) => lowestLevel + i)
    await prepareFolders(this.#folder, kept)
    this.#prepared = true
  }

  /**
   * Brings a tile up to date, those above it first, depth first: so few tiles are in work at once, however large the image.
   * Its own shrunken picture goes into `parent` before it is written.
   */
  async #paintTile(painting: Painting, tile: RawTile, parent: RawTile | null): Promise<void> {
    const { levels } = this.geometry
    const depth = levels - 1 - tile.level
    const region = intersection(below(painting.rect, depth), tile.rect)
    if (depth === 0) {
      copyInto(tile, painting.image, painting.left, painting.top, region)
    } else {
      for (const above of this.#tilesAbove(painting, tile, region)) {
        await this.#paintTile(painting, await above, tile)
        if (painting.failure) throw painting.failure.error
      }
    }
    if (parent) halveInto(parent, tile, below(region, 1))
    while (painting.underWay.size >= WRITES_AT_ONCE) await Promise.race(painting.underWay)
    this.#store(painting, tile)
    // A few milliseconds of copying would be felt in the window's answers; one tile's share is not.
    if (depth === 0) await nextTurn()
  }

  /** The tiles one level up that the image touches, all being loaded. */
  #tilesAbove(painting: Painting, tile: RawTile, region: PixelRect): Promise<RawTile>[] {
    const level = tile.level + 1
    const changed = below(painting.rect, this.geometry.levels - 1 - level)
    const shown = { left: 2 * region.left, top: 2 * region.top, right: 2 * region.right, bottom: 2 * region.bottom }
    const tiles = tilesIn(intersection(changed, shown))
    const loading: Promise<RawTile>[] = []
    for (let y = tiles.top; y < tiles.bottom; y++) {
      for (let x = tiles.left; x < tiles.right; x++) loading.push(this.#use(painting, level, x, y))
    }
    // A failed load is met when its tile's turn comes; or, where another failed first, not at all.
    for (const load of loading) load.catch(() => undefined)
    return loading
  }

  #use(painting: Painting, level: number, x: number, y: number): Promise<RawTile> {
    return this.#cache.use(key(level, x, y), async () => {
      const rect = tileRect(this.geometry, level, x, y)
      const data = this.#cache.allocate(3 * (rect.right - rect.left) * (rect.bottom - rect.top))
      const tile: RawTile = { level, x, y, rect, data }
      // Nothing of a tile that is painted all over needs to be known.
      const changed = below(painting.rect, this.geometry.levels - 1 - level)
      return covers(changed, rect) ? tile : loadTile(this.#folder, tile)
    })
  }

  #store(painting: Painting, tile: RawTile): void {
    const output = this.#outputs.pop() ?? outputBuffer()
    const stored = storeTile(this.#folder, tile, output)
      .catch((error: unknown) => {
        painting.failure ??= { error }
      })
      .then(() => {
        this.#outputs.push(output)
        this.#cache.release(key(tile.level, tile.x, tile.y))
        painting.underWay.delete(stored)
      })
    painting.underWay.add(stored)
  }
}

const key = (level: number, x: number, y: number) => `${level}/${x}_${y}`

async function settled(painting: Painting): Promise<void> {
  await Promise.all(painting.underWay)
}
