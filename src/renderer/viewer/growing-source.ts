import OpenSeadragon from 'openseadragon'
import type { SlideInfo } from '../../shared/contract/slide.ts'
import { tileUrl } from '../app/bench.ts'
import { drawSketch, type Sketch, type Sketches } from './sketch.ts'
import { type TileAddress, type TileIndex, tilesUnder } from './tile-index.ts'

/**
 * OpenSeadragon has no way to say "these tiles changed" short of resetting the image, which blinks. So this file reaches for two fields that
 * are not public in version 6.1.1 (package.json pins it): `tilesMatrix`, its tiles by level, x and y, and `_needsUpdate`, which makes it look
 * at them again. Nothing else of the window knows them.
 */
interface GrowingImage extends OpenSeadragon.TiledImage {
  readonly tilesMatrix: Record<number, Record<number, Record<number, OpenSeadragon.Tile>> | undefined>
  _needsUpdate: boolean
}

/** Pictures of tiles that were made of sketches: they are there at once, and changed as soon as they are. */
const sketched = new WeakSet<WeakKey>()

/**
 * The slide as a tile source that asks only for tiles the index knows. A tile that shows nothing but fields there are sketches of is made of these.
 */
export function growingSource(slide: SlideInfo, index: TileIndex, sketches: Sketches): OpenSeadragon.TileSource {
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
    downloadTileStart(job: TileJob) {
      const drawn = sketches.on(job.tile, slide)
      if (drawn.length === 0 || drawn.length < index.fieldsOn(job.tile)) {
        OpenSeadragon.TileSource.prototype.downloadTileStart.call(source, job)
        return
      }
      const { level, x, y } = job.tile
      const { width, height } = source.getTileBounds(level, x, y, true)
      const ctx = tileCanvas(Math.ceil(width), Math.ceil(height))
      for (const sketch of drawn) drawSketch(ctx, sketch, job.tile, slide)
      sketched.add(ctx)
      job.finish(ctx, null, 'context2d')
    },
    // A slide is opaque; without this every tile would be examined.
    hasTransparency: () => false,
  })
}

/** What OpenSeadragon hands to who fetches a tile. */
type TileJob = OpenSeadragon.ImageJob & {
  readonly tile: OpenSeadragon.Tile
  finish(data: CanvasRenderingContext2D, request: null, type: 'context2d'): void
}

function tileCanvas(width: number, height: number): CanvasRenderingContext2D {
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  return canvas.getContext('2d')!
}

/**
 * Takes changed tiles over without a blink: a tile that is shown stays until its new picture is decoded, then the picture inside it changes. Until then
 * a new field may be drawn into it by its own small picture, which is there a question and an answer earlier.
 * OpenSeadragon draws every level of a slide with gaps, the coarser below the finer: the finest is what is seen, and does not wait for the rest.
 */
export class TileRefresher {
  readonly #image: GrowingImage
  readonly #slide: SlideInfo
  readonly #index: TileIndex
  /** Tiles whose new picture is on its way; true: it has changed again meanwhile. */
  readonly #replacing = new Map<OpenSeadragon.Tile, boolean>()
  /** Tiles that are shown without all that is known to lie there, and what was drawn into each meanwhile. */
  readonly #behind = new Map<OpenSeadragon.Tile, Sketch[]>()
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
      else if (tile.loaded && tile.beingDrawn) {
        drawn.set(level, [...(drawn.get(level) ?? []), tile])
        if (!this.#behind.has(tile)) this.#behind.set(tile, [])
        if (this.#replacing.has(tile)) this.#replacing.set(tile, true)
      } else {
        // Out of sight, out of memory, or not there before: looked up anew, under its new address, once it is wanted.
        if (tile.loaded) tile.unload(true)
        delete column[y]
      }
    }
    this.#image._needsUpdate = true
    this.#image.redraw()
    return this.#replaceFinestFirst(drawn)
  }

  /** Draws a field that changed into the tiles that do not show it yet. */
  sketch(sketch: Sketch): void {
    for (const address of tilesUnder(sketch.field, this.#slide)) {
      const tile = this.#image.tilesMatrix[address.level]?.[address.x]?.[address.y]
      const waiting = tile && this.#behind.get(tile)
      const ctx: unknown = tile?.getCache()?.data
      if (!waiting || !(ctx instanceof CanvasRenderingContext2D)) continue
      waiting.push(sketch)
      drawSketch(ctx, sketch, tile, this.#slide)
    }
    this.#image.redraw()
  }

  /** To be told of every tile that arrives, just before it counts as loaded. */
  loaded(tile: OpenSeadragon.Tile): void {
    const isSketched = sketched.has(tile.getCache()?.data)
    if (this.#stale.delete(tile) || isSketched) setTimeout(() => void this.#replace(tile))
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
        const ctx = tileCanvas(image.naturalWidth, image.naturalHeight)
        ctx.drawImage(image, 0, 0)
        // It was asked for before the newest of them was known.
        if (this.#replacing.get(tile))
          for (const sketch of this.#behind.get(tile) ?? []) drawSketch(ctx, sketch, tile, this.#slide)
        if (tile.loaded) await tile.getCache()?.setDataAs(ctx, 'context2d')
        this.#image.redraw()
      } catch {
        // The picture before stays; the next change of this tile tries again.
      }
    } while (this.#replacing.get(tile))
    this.#replacing.delete(tile)
    this.#behind.delete(tile)
  }
}
