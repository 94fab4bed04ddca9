import OpenSeadragon from 'openseadragon'
import type { SlideInfo } from '../../shared/contract/slide.ts'
import { tileUrl } from '../app/bench.ts'
import type { TileAddress, TileIndex } from './tile-index.ts'

/**
 * OpenSeadragon has no way to say "these tiles changed" short of resetting the image, which blinks. So this file reaches for two fields that
 * are not public in version 6.1.1 (package.json pins it): `tilesMatrix`, its tiles by level, x and y, and `_needsUpdate`, which makes it look
 * at them again. Nothing else of the window knows them.
 */
interface GrowingImage extends OpenSeadragon.TiledImage {
  readonly tilesMatrix: Record<number, Record<number, Record<number, OpenSeadragon.Tile>> | undefined>
  _needsUpdate: boolean
}

/** The slide as a tile source that asks only for tiles the index knows. */
export function growingSource(slide: SlideInfo, index: TileIndex): OpenSeadragon.TileSource {
  const source = new OpenSeadragon.TileSource({
    width: slide.widthPx,
    height: slide.heightPx,
    tileSize: slide.tileSizePx,
    tileOverlap: 0,
    minLevel: slide.lowestLevel,
    maxLevel: slide.levels - 1,
  })
  return Object.assign(source, {
    tileExists: (level: number, x: number, y: number) => index.has({ level, x, y }),
    // A function, so that a tile that left the memory and comes back is asked for under its newest address.
    getTileUrl: (level: number, x: number, y: number) => () =>
      tileUrl(slide.runId, level, x, y, index.version({ level, x, y })),
    getTileHashKey: (level: number, x: number, y: number) =>
      `${slide.runId}/${level}/${x}_${y}@${index.version({ level, x, y })}`,
    // A slide is opaque; without this every tile would be examined.
    hasTransparency: () => false,
  })
}

/**
 * Takes changed tiles over without a blink: a tile that is shown stays until its new picture is decoded, then the picture inside it changes.
 * OpenSeadragon draws every level of a slide with gaps, the coarser below the finer: the finest is what is seen, and does not wait for the rest.
 */
export class TileRefresher {
  readonly #image: GrowingImage
  readonly #slide: SlideInfo
  readonly #index: TileIndex
  /** Tiles whose new picture is on its way; true: it has changed again meanwhile. */
  readonly #replacing = new Map<OpenSeadragon.Tile, boolean>()
  /** Tiles that changed while they were being loaded. */
  readonly #stale = new WeakSet<OpenSeadragon.Tile>()

  constructor(image: OpenSeadragon.TiledImage, slide: SlideInfo, index: TileIndex) {
    this.#image = image as GrowingImage
    this.#slide = slide
    this.#index = index
  }

  /** Resolves when the finest of those that are drawn show the change. */
  changed(tiles: readonly TileAddress[]): Promise<void> {
    const drawn = new Map<number, OpenSeadragon.Tile[]>()
    for (const { level, x, y } of tiles) {
      const column = this.#image.tilesMatrix[level]?.[x]
      const tile = column?.[y]
      if (!column || !tile) continue
      if (tile.loading) this.#stale.add(tile)
      else if (tile.loaded && tile.beingDrawn) drawn.set(level, [...(drawn.get(level) ?? []), tile])
      else {
        // Out of sight, out of memory, or not there before: looked up anew, under its new address, once it is wanted.
        if (tile.loaded) tile.unload(true)
        delete column[y]
      }
    }
    this.#image._needsUpdate = true
    this.#image.redraw()
    return this.#replaceFinestFirst(drawn)
  }

  /** To be told of every tile that arrives, just before it counts as loaded. */
  loaded(tile: OpenSeadragon.Tile): void {
    if (this.#stale.delete(tile)) setTimeout(() => void this.#replace(tile))
  }

  async #replaceFinestFirst(byLevel: ReadonlyMap<number, readonly OpenSeadragon.Tile[]>): Promise<void> {
    const [finest, ...coarser] = [...byLevel.keys()].sort((a, b) => b - a)
    const replace = (level: number) => Promise.all((byLevel.get(level) ?? []).map((tile) => this.#replace(tile)))
    await replace(finest)
    void (async () => {
      for (const level of coarser) await replace(level)
    })()
  }

  async #replace(tile: OpenSeadragon.Tile): Promise<void> {
    if (this.#replacing.has(tile)) {
      this.#replacing.set(tile, true)
      return
    }
    do {
      this.#replacing.set(tile, false)
      const { level, x, y } = tile
      const image = new Image()
      image.fetchPriority = 'high'
      image.src = tileUrl(this.#slide.runId, level, x, y, this.#index.version({ level, x, y }))
      try {
        await image.decode()
        const canvas = document.createElement('canvas')
        canvas.width = image.naturalWidth
        canvas.height = image.naturalHeight
        const ctx = canvas.getContext('2d')!
        ctx.drawImage(image, 0, 0)
        if (tile.loaded) await tile.getCache()?.setDataAs(ctx, 'context2d')
        this.#image.redraw()
      } catch {
        // The picture before stays; the next change of this tile tries again.
      }
    } while (this.#replacing.get(tile))
    this.#replacing.delete(tile)
  }
}
