import { ByteCache } from './byte-cache.ts'
import { FIELD_LEVELS, type FieldLevel, fieldLevels, tilePlaces } from './field-levels.ts'
import type { FieldStore } from './field-store.ts'
import type { PixelRect } from './geometry.ts'
import { half } from './halve.ts'
import { copyRect, type Pixels } from './pixels.ts'
import type { Share } from './shares.ts'
import { covered, shrinkInto } from './shrink.ts'

/** The level small pictures of whole fields are kept of, for tiles that show hundreds: 2 KB for a field of 2048 x 1536 px. */
const SMALL_LEVEL = 6
const SMALL_BYTES = 16 * 1024 * 1024

type FieldShare = Share & { readonly field: number }

interface SmallPicture {
  readonly data: Uint8Array
  readonly widthPx: number
  readonly heightPx: number
}

/** Draws fields on tiles: from the image one level finer than the tile's, so that a place between its pixels is met. */
export class FieldView {
  readonly #store: FieldStore
  readonly #small = new ByteCache<SmallPicture>(SMALL_BYTES)

  constructor(store: FieldStore) {
    this.#store = store
  }

  /** Draws a field's share on a tile; false: the field has no file. Rejects `image-unreadable`. */
  async draw(tile: Pixels, depth: number, share: FieldShare): Promise<boolean> {
    if (depth > SMALL_LEVEL) {
      const small = await this.#smallPicture(share)
      if (!small) return false
      const source = { data: small.data, rect: wholeOf(small) }
      shrinkInto(tile, share.rect, source, 2 ** (depth - SMALL_LEVEL), share.left, share.top, small)
      return true
    }
    const levels = fieldLevels(share.widthPx, share.heightPx)
    if (depth === 0) return this.#copy(tile, levels[0], share)
    const level = Math.min(depth, FIELD_LEVELS) - 1
    const scale = 2 ** (depth - level)
    const part = covered(share.rect, scale, share.left, share.top, levels[level])
    const source = await this.#part(share.field, level, levels[level], part)
    if (!source) return false
    shrinkInto(tile, share.rect, source, scale, share.left, share.top, levels[level])
    return true
  }

  /** For a field whose file is another one now. */
  forget(index: number): void {
    this.#small.delete(String(index))
  }

  clear(): void {
    this.#small.clear()
  }

  async #copy(tile: Pixels, level: FieldLevel, { field, rect, left, top }: FieldShare) {
    const wanted = shifted(rect, -left, -top)
    for (const [n, place] of tilesOf(level, wanted)) {
      const data = await this.#tile(field, 0, n, level)
      if (!data) return false
      copyRect({ data, rect: shifted(place, left, top) }, tile, rect)
    }
    return true
  }

  /** null: the field has no file. Rejects also where the file is of a field of another size than the casebook says. */
  async #tile(field: number, level: number, n: number, size: FieldLevel): Promise<Buffer | null> {
    const data = await this.#store.tile(field, level, n)
    if (data && data.length !== 3 * size.tileWidthPx * size.tileHeightPx) {
      throw new RangeError(`the file of field ${field} holds an image of another size`)
    }
    return data
  }

  /** A part of one of a field's images, in one piece. */
  async #part(field: number, level: number, size: FieldLevel, rect: PixelRect): Promise<Pixels | null> {
    const tiles = tilesOf(size, rect)
    const all = await Promise.all(tiles.map(([n]) => this.#tile(field, level, n, size)))
    if (tiles.length === 1) return all[0] && { data: all[0], rect: tiles[0][1] }
    const part = { data: Buffer.allocUnsafe(3 * (rect.right - rect.left) * (rect.bottom - rect.top)), rect }
    for (const [i, data] of all.entries()) {
      if (!data) return null
      copyRect({ data, rect: tiles[i][1] }, part)
    }
    return part
  }

  async #smallPicture({ field, widthPx, heightPx }: FieldShare): Promise<SmallPicture | null> {
    const known = this.#small.get(String(field))
    if (known) return known
    const size = fieldLevels(widthPx, heightPx)[FIELD_LEVELS - 1]
    const part = await this.#part(field, FIELD_LEVELS - 1, size, wholeOf(size))
    if (!part) return null
    const exact = { data: Buffer.allocUnsafe(3 * size.widthPx * size.heightPx), rect: wholeOf(size) }
    copyRect(part, exact)
    let picture: SmallPicture = { ...size, data: exact.data }
    for (let level = FIELD_LEVELS - 1; level < SMALL_LEVEL; level++) picture = half(picture)
    // A copy of its own, without the memory it was cut from.
    picture = { ...picture, data: Uint8Array.from(picture.data) }
    this.#small.set(String(field), picture, picture.data.length + 200)
    return picture
  }
}

const wholeOf = ({ widthPx, heightPx }: Pick<FieldLevel, 'widthPx' | 'heightPx'>): PixelRect => ({
  left: 0,
  top: 0,
  right: widthPx,
  bottom: heightPx,
})

const shifted = ({ left, top, right, bottom }: PixelRect, x: number, y: number): PixelRect => ({
  left: left + x,
  top: top + y,
  right: right + x,
  bottom: bottom + y,
})

/** The tiles of a field's image that a part of it touches, with their numbers. */
function tilesOf(level: FieldLevel, rect: PixelRect): [number, PixelRect][] {
  return tilePlaces(level)
    .map(({ left, top }, n): [number, PixelRect] => [
      n,
      { left, top, right: left + level.tileWidthPx, bottom: top + level.tileHeightPx },
    ])
    .filter(
      ([, tile]) =>
        tile.left < rect.right && tile.top < rect.bottom && tile.right > rect.left && tile.bottom > rect.top,
    )
}
