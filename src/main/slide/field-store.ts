import { join } from 'node:path'
import { type RgbImage, rgbMemory } from '../../shared/image.ts'
import { RESEARCH_USE_ONLY } from '../../shared/taxonomy.ts'
import { diskError } from '../disk-errors.ts'
import { ByteCache } from './byte-cache.ts'
import { DurableFolder } from './durable-folder.ts'
import { tilePlaces } from './field-levels.ts'
import { intersection, isEmpty, type PixelRect } from './geometry.ts'
import { half } from './halve.ts'
import { copyRect } from './pixels.ts'
import { type FieldFile, type FieldReader, withFieldFile } from './read-field-file.ts'
import type { FieldPicture } from './slide.ts'
import { emptyWorkshop, writeFieldFile } from './write-field-file.ts'

/** Decoded tiles: about twenty fields of 2048 x 1536 px at the size a screen shows. */
const TILES_BYTES = 64 * 1024 * 1024
/** Heads of files, and what one takes, about. */
const HEADS_BYTES = 2 * 1024 * 1024
const HEAD_BYTES = 2048

/** The images of a run's fields, a file each: `fields/INDEX.tif` in the run's folder. */
export class FieldStore {
  readonly #folder: string
  readonly #pixelSizeUm: number | null
  readonly #tiles = new ByteCache<Buffer>(TILES_BYTES)
  readonly #heads = new ByteCache<FieldFile>(HEADS_BYTES)
  /** Tiles on their way, so that two who want one read it once. */
  readonly #coming = new Map<string, Promise<Buffer | null>>()
  #workshop = emptyWorkshop()
  #queue: Promise<unknown> = Promise.resolve()
  readonly #durable: DurableFolder

  constructor(folder: string, pixelSizeUm: number | null) {
    this.#folder = join(folder, 'fields')
    this.#durable = new DurableFolder(this.#folder)
    this.#pixelSizeUm = pixelSizeUm
  }

  path(index: number): string {
    return join(this.#folder, nameOf(index))
  }

  /** One after another. Rejects `disk-full`, `data-unwritable`; the file there was, or none, is then as it was. */
  keep(index: number, image: RgbImage): Promise<FieldPicture | null> {
    const kept = this.#queue.then(() => this.#keep(index, image))
    this.#queue = kept.catch(() => undefined)
    return kept
  }

  async #keep(index: number, image: RgbImage): Promise<FieldPicture | null> {
    if (image.data.length !== 3 * image.widthPx * image.heightPx) throw new RangeError('pixels do not fit the size')
    try {
      const description = `Medulla, field ${index}. ${RESEARCH_USE_ONLY}`
      const labels = { pixelSizeUm: this.#pixelSizeUm, description }
      const picture = await writeFieldFile(this.#durable, nameOf(index), image, labels, this.#workshop)
      this.#forget(index)
      return picture
    } catch (error) {
      throw diskError(error, this.#folder) ?? error
    }
  }

  /** A tile's pixels, height x width x 3; null: there is no file. Rejects `image-unreadable`. */
  tile(index: number, level: number, n: number): Promise<Buffer | null> {
    const key = `${index}/${level}/${n}`
    const known = this.#tiles.get(key)
    if (known) return Promise.resolve(known)
    const coming = this.#coming.get(key)
    if (coming) return coming
    const read = withFieldFile(this.path(index), this.#heads.get(String(index)) ?? null, async (reader) => {
      this.#know(index, reader.file)
      const tile = await reader.tile(level, n)
      if (this.#coming.get(key) === read) this.#tiles.set(key, tile, tile.length)
      return tile
    }).finally(() => {
      if (this.#coming.get(key) === read) this.#coming.delete(key)
    })
    this.#coming.set(key, read)
    return read
  }

  /**
   * The whole field at full size, or `level` halvings below; null: there is no file. Rejects `image-unreadable`. Nothing of it stays in
   * memory.
   */
  image(index: number, level = 0): Promise<RgbImage | null> {
    return withFieldFile(this.path(index), null, (reader) => levelOf(reader, level))
  }

  /** The same for several levels, of one reading. */
  images(index: number, levels: readonly number[]): Promise<RgbImage[] | null> {
    return withFieldFile(this.path(index), null, (reader) => Promise.all(levels.map((level) => levelOf(reader, level))))
  }

  /**
   * What lies in a rectangle of one of the four largest images of a field, pixels of that image; null: there is no file. Rejects
   * `image-unreadable`. Nothing of it stays in memory, and no tile is read that it does not touch.
   */
  part(index: number, level: number, rect: PixelRect): Promise<RgbImage | null> {
    return withFieldFile(this.path(index), null, (reader) => imageOf(reader, level, rect))
  }

  async close(): Promise<void> {
    await this.#queue
    await this.#durable.close()
    this.#tiles.clear()
    this.#heads.clear()
    this.#workshop = emptyWorkshop()
  }

  #know(index: number, file: FieldFile): FieldFile {
    this.#heads.set(String(index), file, HEAD_BYTES)
    return file
  }

  /** What was read of a file that is another one now. */
  #forget(index: number): void {
    const mine = `${index}/`
    this.#heads.delete(String(index))
    for (const key of this.#coming.keys()) if (key.startsWith(mine)) this.#coming.delete(key)
    this.#tiles.deleteWhere((key) => key.startsWith(mine))
  }
}

const wholeOf = ({ file }: FieldReader, n: number): PixelRect => {
  const { widthPx, heightPx } = file.images[n]
  return { left: 0, top: 0, right: widthPx, bottom: heightPx }
}

async function levelOf(reader: FieldReader, level: number): Promise<RgbImage> {
  // Files of earlier versions have fewer.
  const n = Math.min(level, reader.file.images.length - 1)
  let image = await imageOf(reader, n, wholeOf(reader, n))
  for (let below = n; below < level; below++) image = half(image)
  return image
}

async function imageOf(reader: FieldReader, n: number, rect: PixelRect): Promise<RgbImage> {
  const image = reader.file.images[n]
  const { tileWidthPx, tileHeightPx } = image
  const [widthPx, heightPx] = [rect.right - rect.left, rect.bottom - rect.top]
  const data = rgbMemory(widthPx, heightPx)
  await Promise.all(
    tilePlaces(image).map(async ({ left, top }, place) => {
      const tile = { left, top, right: left + tileWidthPx, bottom: top + tileHeightPx }
      if (isEmpty(intersection(tile, rect))) return
      copyRect({ data: await reader.tile(n, place), rect: tile }, { data, rect })
    }),
  )
  return { data, widthPx, heightPx }
}

const nameOf = (index: number): string => `${index}.tif`
