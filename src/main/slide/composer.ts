import jpeg from '@julusian/jpeg-turbo'
import { asBuffer } from '../as-buffer.ts'
import { ByteCache } from './byte-cache.ts'
import type { FieldView } from './field-view.ts'
import { type PixelRect, tileRect } from './geometry.ts'
import { JPEG_OPTIONS } from './jpeg-tiles.ts'
import type { PaintedTiles } from './painted-tiles.ts'
import { BACKGROUND, copyRect, fillRect, type Pixels } from './pixels.ts'
import type { Places } from './places.ts'
import { type Share, shareKey, shares } from './shares.ts'
import type { SlideGeometry } from './slide.ts'

/** Tiles as they were last sent, and their pixels: what changes on one is often one field of many. */
const JPEG_BYTES = 16 * 1024 * 1024
const PIXELS_BYTES = 24 * 1024 * 1024

/** Shares of a tile in work at once: enough to keep libuv's four threads busy, few enough that their pixels take little memory. */
const DRAWN_AT_ONCE = 12

export interface ComposerParts {
  readonly geometry: SlideGeometry
  readonly places: Places
  readonly view: FieldView
  /** null: the run was scanned since fields are kept. */
  readonly painted: PaintedTiles | null
  /** A field could not be read: told once a field. */
  readonly onUnreadable: (field: number, error: unknown) => void
}

interface TileAddress {
  readonly level: number
  readonly x: number
  readonly y: number
}

interface Drawn {
  readonly tile: Pixels
  /** The shares that are on it, by what they show. */
  readonly shares: ReadonlySet<string>
}

/** Draws the slide's tiles from the fields that lie there, when they are asked for. */
export class Composer {
  readonly #parts: ComposerParts
  readonly #jpegs = new ByteCache<{ readonly made: string; readonly bytes: Buffer }>(JPEG_BYTES)
  readonly #drawn = new ByteCache<Drawn>(PIXELS_BYTES)
  readonly #working = new Map<string, Promise<Buffer>>()
  readonly #told = new Set<number>()

  constructor(parts: ComposerParts) {
    this.#parts = parts
  }

  /** JPEG; null: no field lies there. */
  async tile(level: number, x: number, y: number): Promise<Buffer | null> {
    const { geometry, places } = this.#parts
    const { levels, lowestLevel } = geometry
    if (level < lowestLevel || level >= levels) return null
    const rect = tileRect(geometry, level, x, y)
    if (rect.left >= rect.right || rect.top >= rect.bottom) return null
    const key = `${level}/${x}_${y}`
    // Who asks while it is drawn for another may know of a field that one does not show.
    for (let working = this.#working.get(key); working; working = this.#working.get(key)) {
      await working.catch(() => undefined)
    }
    places.refresh()
    const depth = levels - 1 - level
    const touching = places.touching(onSlide(rect, depth))
    if (touching.length === 0) return null
    const wanted = shares(rect, depth, touching)
    const made = wanted.map(shareKey).join(' ')
    const known = this.#jpegs.get(key)
    if (known?.made === made) return known.bytes
    const work = this.#compose(key, { level, x, y }, rect, depth, wanted, made).finally(() => this.#working.delete(key))
    this.#working.set(key, work)
    return work
  }

  clear(): void {
    this.#jpegs.clear()
    this.#drawn.clear()
  }

  async #compose(
    key: string,
    at: TileAddress,
    rect: PixelRect,
    depth: number,
    wanted: readonly Share[],
    made: string,
  ): Promise<Buffer> {
    const before = this.#drawn.get(key)
    // It is about to be another.
    this.#drawn.delete(key)
    const bytes = 3 * (rect.right - rect.left) * (rect.bottom - rect.top)
    const tile = before?.tile ?? { data: Buffer.allocUnsafeSlow(bytes), rect }
    const done = new Set<string>()
    let whole = true
    const painted = await this.#painted(at, rect)
    const drawn = async (share: Share): Promise<void> => {
      const shows = shareKey(share)
      if (before?.shares.has(shows) || (await this.#draw(tile, depth, share, painted))) done.add(shows)
      else whole = false
    }
    // Shares have no pixel in common, so some may be drawn while others are still read.
    for (let i = 0; i < wanted.length; i += DRAWN_AT_ONCE) {
      await Promise.all(wanted.slice(i, i + DRAWN_AT_ONCE).map(drawn))
    }
    const width = rect.right - rect.left
    const jpegBytes = await jpeg.compress(asBuffer(tile.data), {
      ...JPEG_OPTIONS,
      width,
      height: rect.bottom - rect.top,
    })
    this.#drawn.set(key, { tile, shares: done }, bytes)
    const sent = Buffer.from(jpegBytes)
    if (whole) this.#jpegs.set(key, { made, bytes: sent }, sent.length + made.length)
    return sent
  }

  /** null: nothing was painted there, or it is damaged. */
  async #painted({ level, x, y }: TileAddress, rect: PixelRect): Promise<Pixels | null> {
    return (await this.#parts.painted?.tile(level, x, y, rect).catch(() => null)) ?? null
  }

  /** False: it shows nothing of a field that could not be read; asked again, it is tried again. */
  async #draw(tile: Pixels, depth: number, share: Share, painted: Pixels | null): Promise<boolean> {
    const { field } = share
    try {
      if (field !== null && (await this.#parts.view.draw(tile, depth, { ...share, field }))) return true
      if (painted) copyRect(painted, tile, share.rect)
      else fillRect(tile, share.rect, BACKGROUND)
      if (field === null || painted) return true
      throw new Error('there is no file of the field')
    } catch (error) {
      if (field === null) throw error
      fillRect(tile, share.rect, BACKGROUND)
      if (!this.#told.has(field)) this.#parts.onUnreadable(field, error)
      this.#told.add(field)
      return false
    }
  }
}

function onSlide({ left, top, right, bottom }: PixelRect, depth: number): PixelRect {
  const scale = 2 ** depth
  return { left: left * scale, top: top * scale, right: right * scale, bottom: bottom * scale }
}
