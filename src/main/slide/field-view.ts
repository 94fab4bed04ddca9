import type { RgbImage } from '../../shared/image.ts'
import { ByteCache } from './byte-cache.ts'
import { type FieldLevel, fieldLevel, fieldLevels, tilePlaces } from './field-levels.ts'
import type { FieldStore } from './field-store.ts'
import type { PixelRect } from './geometry.ts'
import { copyRect, type Pixels } from './pixels.ts'
import type { Share } from './shares.ts'
import { covered, shrinkInto } from './shrink.ts'

/** From this level on a field's image is small enough to be kept in memory whole: 128 x 96 px of 2048 x 1536. */
const SMALL_LEVEL = 4
/** What tiles that show hundreds of fields are drawn from: 2 KB a field. */
const SMALLEST_LEVEL = 6
const SMALL_LEVELS = [4, 5, 6]
const SMALL_BYTES = 24 * 1024 * 1024
/** Fields read ahead that may wait until a tile shows them. */
const MOST_AHEAD = 8

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
  /** The small pictures of fields that were just kept, the oldest first. */
  readonly #ahead = new Map<number, Promise<RgbImage[] | null>>()

  constructor(store: FieldStore) {
    this.#store = store
  }

  /** Draws a field's share on a tile; false: the field has no file. Rejects `image-unreadable`. */
  async draw(tile: Pixels, depth: number, share: FieldShare): Promise<boolean> {
    if (depth === 0) return this.#copy(tile, fieldLevels(share.widthPx, share.heightPx)[0], share)
    const level = Math.min(depth - 1, SMALLEST_LEVEL)
    if (level >= SMALL_LEVEL) {
      const small = await this.#smallPicture(share, level)
      if (!small) return false
      const source = { data: small.data, rect: wholeOf(small) }
      shrinkInto(tile, share.rect, source, 2 ** (depth - level), share.left, share.top, small)
      return true
    }
    const levels = fieldLevels(share.widthPx, share.heightPx)
    const scale = 2 ** (depth - level)
    const part = covered(share.rect, scale, share.left, share.top, levels[level])
    const source = await this.#part(share.field, level, levels[level], part)
    if (!source) return false
    shrinkInto(tile, share.rect, source, scale, share.left, share.top, levels[level])
    return true
  }

  /**
   * For a field that was just kept: what tiles will show of it where it is up to 256 px wide, as it is wherever a scan is seen as a whole. By
   * the time they are asked for it has been read. Never rejects: whoever needs it and finds it missing reads it again, and says what is wrong.
   */
  async readAhead(index: number): Promise<void> {
    const pictures = this.#store.images(index, SMALL_LEVELS).catch(() => null)
    this.#ahead.set(index, pictures)
    for (const oldest of this.#ahead.keys()) {
      if (this.#ahead.size <= MOST_AHEAD) break
      this.#ahead.delete(oldest)
    }
    await Promise.allSettled([pictures, this.#store.tile(index, SMALL_LEVEL - 1, 0)])
  }

  /** For a field whose file is another one now. */
  forget(index: number): void {
    this.#ahead.delete(index)
    for (let level = SMALL_LEVEL; level <= SMALLEST_LEVEL; level++) this.#small.delete(smallKey(index, level))
  }

  clear(): void {
    this.#ahead.clear()
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
    if (data && data.length !== 3 * size.tileWidthPx * size.tileHeightPx) throw anotherSize(field)
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

  async #smallPicture({ field, widthPx, heightPx }: FieldShare, level: number): Promise<SmallPicture | null> {
    const key = smallKey(field, level)
    const known = this.#small.get(key)
    if (known) return known
    const ahead = await this.#ahead.get(field)
    const image = ahead?.[level - SMALL_LEVEL] ?? (await this.#store.image(field, level))
    if (!image) return null
    const size = fieldLevel(widthPx, heightPx, level)
    if (image.widthPx !== size.widthPx || image.heightPx !== size.heightPx) throw anotherSize(field)
    const picture = { ...size, data: Uint8Array.from(image.data) }
    this.#small.set(key, picture, picture.data.length + 200)
    return picture
  }
}

const smallKey = (field: number, level: number): string => `${field}/${level}`

const anotherSize = (field: number): RangeError =>
  new RangeError(`the file of field ${field} holds an image of another size`)

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
