import * as fs from 'node:fs'
import { promisify } from 'node:util'
import { crc32 } from 'node:zlib'
import { MedullaError } from '../../shared/errors.ts'
import { decodeTile } from './jpeg-tiles.ts'
import { readTiffHead, type Span, type TiffImage } from './tiff.ts'

/** Read at once: the head, and of most fields the smallest image. */
const START_BYTES = 48 * 1024

const openFile = promisify(fs.open)
const readBytes = promisify(fs.read)
const closeFile = promisify(fs.close)

/** What a field's file says of itself. */
export interface FieldFile {
  readonly images: readonly TiffImage[]
  /** CRC-32 of every tile, the first image's first. */
  readonly checksums: readonly number[]
}

/**
 * Opens a field's file for as long as `work` reads it. Answers null where there is none; rejects `image-unreadable` where it is
 * damaged or cut short.
 * @param known what it said of itself before; null: not read yet.
 */
export async function withFieldFile<Result>(
  path: string,
  known: FieldFile | null,
  work: (reader: FieldReader) => Promise<Result>,
): Promise<Result | null> {
  try {
    const file = await openFile(path, 'r').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null
      throw error
    })
    if (file === null) return null
    try {
      return await work(known ? new FieldReader(file, known, EMPTY) : await begin(file))
    } finally {
      // Not waited for: whoever looks at the slide waits for every step of this.
      void closeFile(file).catch(() => undefined)
    }
  } catch (error) {
    throw unreadable(path, error)
  }
}

const EMPTY = Buffer.alloc(0)

export class FieldReader {
  readonly file: FieldFile
  readonly #descriptor: number
  /** The file's first bytes, as far as they have been read. */
  readonly #start: Buffer

  constructor(descriptor: number, file: FieldFile, start: Buffer) {
    this.#descriptor = descriptor
    this.file = file
    this.#start = start
  }

  /** Pixels of one tile: height x width x 3, RGB. */
  async tile(level: number, n: number): Promise<Buffer> {
    const image = this.file.images[level]
    const bytes = await this.#bytes(image.tiles[n])
    const before = this.file.images.slice(0, level).reduce((sum, { tiles }) => sum + tiles.length, 0)
    if (crc32(bytes) !== this.file.checksums[before + n]) throw new RangeError('its bytes have changed')
    return decodeTile(bytes, image.tileWidthPx, image.tileHeightPx)
  }

  async #bytes({ offset, bytes }: Span): Promise<Buffer> {
    if (offset + bytes <= this.#start.length) return this.#start.subarray(offset, offset + bytes)
    return readAt(this.#descriptor, offset, bytes)
  }
}

async function begin(descriptor: number): Promise<FieldReader> {
  const start = await readUpTo(descriptor, 0, START_BYTES)
  const images = readTiffHead(start)
  const tiles = images.flatMap((image) => image.tiles)
  const first = Math.min(...tiles.map(({ offset }) => offset))
  const table = start.subarray(first - 4 * tiles.length, first)
  const checksums = tiles.map((_, i) => table.readUInt32LE(4 * i))
  return new FieldReader(descriptor, { images, checksums }, start)
}

async function readAt(descriptor: number, offset: number, bytes: number): Promise<Buffer> {
  const buffer = await readUpTo(descriptor, offset, bytes)
  if (buffer.length < bytes) throw new RangeError('it ends too early')
  return buffer
}

/** Less where the file ends. */
async function readUpTo(descriptor: number, offset: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(bytes)
  const { bytesRead } = await readBytes(descriptor, buffer, 0, bytes, offset)
  return buffer.subarray(0, bytesRead)
}

export function unreadable(path: string, cause: unknown): MedullaError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new MedullaError(
    'image-unreadable',
    `The field's image ${path} cannot be read: ${reason}.`,
    {
      remedy:
        'Put that file back from a backup of the data folder. Its cells, counts and their pictures are kept apart from it; until it is back, the field is blank on the slide.',
      values: { path },
    },
    { cause },
  )
}
