/**
 * The little of TIFF that a field's file needs: little endian, a chain of images each half the one before, JPEG tiles, colour of the larger ones at half
 * resolution. TIFF 6.0 (Adobe, 1992) for the structure, section 22 (YCbCr); its Technical Note 2 (1995) for compression 7, whole JPEG streams.
 */

import { halvesColour } from './field-levels.ts'

/** One image of the file; tiles row by row, those at the right and lower edge reaching beyond it. */
export interface TiffImage {
  readonly widthPx: number
  readonly heightPx: number
  readonly tileWidthPx: number
  readonly tileHeightPx: number
  readonly tiles: readonly Span[]
}

export interface Span {
  readonly offset: number
  readonly bytes: number
}

export interface TiffLabels {
  /** Of the first image; null: not known. */
  readonly pixelSizeUm: number | null
  readonly description: string
}

const SHORT = 3
const LONG = 4
const RATIONAL = 5
const ASCII = 2
const BYTES_OF: Readonly<Record<number, number>> = { [ASCII]: 1, [SHORT]: 2, [LONG]: 4, [RATIONAL]: 8 }

const WIDTH = 256
const HEIGHT = 257
const TILE_WIDTH = 322
const TILE_HEIGHT = 323
const TILE_OFFSETS = 324
const TILE_BYTES = 325

/** Rationals are pairs of numbers. */
type Entry = readonly [tag: number, type: number, values: readonly number[]]

/** Everything of the file but its tiles, to be written first. */
export function tiffHead(images: readonly TiffImage[], labels: TiffLabels): Buffer {
  const all = images.map((image, level) => entriesOf(image, level, labels))
  const head = Buffer.alloc(tiffHeadBytes(images, labels))
  head.write('II', 0, 'latin1')
  head.writeUInt16LE(42, 2)
  let at = 8
  head.writeUInt32LE(at, 4)
  for (const [level, entries] of all.entries()) {
    let beyond = at + 2 + 12 * entries.length + 4
    head.writeUInt16LE(entries.length, at)
    for (const [i, [tag, type, values]] of entries.entries()) {
      const entry = at + 2 + 12 * i
      const bytes = bytesOf(type, values)
      head.writeUInt16LE(tag, entry)
      head.writeUInt16LE(type, entry + 2)
      head.writeUInt32LE(bytes / BYTES_OF[type], entry + 4)
      if (bytes <= 4) writeValues(head, entry + 8, type, values)
      else {
        head.writeUInt32LE(beyond, entry + 8)
        writeValues(head, beyond, type, values)
        beyond += even(bytes)
      }
    }
    head.writeUInt32LE(level + 1 < all.length ? beyond : 0, at + 2 + 12 * entries.length)
    at = beyond
  }
  return head
}

/** How long the head is: it does not depend on where the tiles lie. */
export function tiffHeadBytes(images: readonly TiffImage[], labels: TiffLabels): number {
  let bytes = 8
  for (const [level, image] of images.entries()) {
    const entries = entriesOf(image, level, labels)
    bytes += 2 + 12 * entries.length + 4
    for (const [, type, values] of entries) if (bytesOf(type, values) > 4) bytes += even(bytesOf(type, values))
  }
  return bytes
}

/** The images of a file, from its first bytes. Throws RangeError where they are not what `tiffHead` writes, or end too early. */
export function readTiffHead(head: Buffer): TiffImage[] {
  if (head.length < 8 || head.toString('latin1', 0, 2) !== 'II' || head.readUInt16LE(2) !== 42) {
    throw new RangeError('it does not begin as a TIFF file does')
  }
  const images: TiffImage[] = []
  for (let at = head.readUInt32LE(4); at !== 0; ) {
    const count = head.readUInt16LE(at)
    const found = new Map<number, readonly number[]>()
    for (let i = 0; i < count; i++) {
      const entry = at + 2 + 12 * i
      const type = head.readUInt16LE(entry + 2)
      if (type === SHORT || type === LONG) found.set(head.readUInt16LE(entry), readValues(head, entry, type))
    }
    images.push(imageIn(found))
    if (images.length > 32) throw new RangeError('its images go round in a circle')
    at = head.readUInt32LE(at + 2 + 12 * count)
  }
  return images
}

function imageIn(found: ReadonlyMap<number, readonly number[]>): TiffImage {
  const one = (tag: number): number => {
    const value = found.get(tag)?.[0]
    if (!value) throw new RangeError(`its tag ${tag} is missing`)
    return value
  }
  const image = {
    widthPx: one(WIDTH),
    heightPx: one(HEIGHT),
    tileWidthPx: one(TILE_WIDTH),
    tileHeightPx: one(TILE_HEIGHT),
  }
  const offsets = found.get(TILE_OFFSETS) ?? []
  const bytes = found.get(TILE_BYTES) ?? []
  const tiles = Math.ceil(image.widthPx / image.tileWidthPx) * Math.ceil(image.heightPx / image.tileHeightPx)
  if (offsets.length !== tiles || bytes.length !== tiles) throw new RangeError('its tiles are not all named')
  return { ...image, tiles: offsets.map((offset, i) => ({ offset, bytes: bytes[i] })) }
}

/** In the order of their tags, as TIFF wants them. */
function entriesOf(image: TiffImage, level: number, { pixelSizeUm, description }: TiffLabels): Entry[] {
  const pixelsPerCm = pixelSizeUm === null ? null : Math.round(1e7 / (pixelSizeUm * 2 ** level))
  const text = (value: string) => [...Buffer.from(`${value}\0`, 'latin1')]
  return [
    // A full image, or one with less resolution.
    [254, LONG, [level === 0 ? 0 : 1]],
    [WIDTH, LONG, [image.widthPx]],
    [HEIGHT, LONG, [image.heightPx]],
    [258, SHORT, [8, 8, 8]],
    // JPEG, of YCbCr.
    [259, SHORT, [7]],
    [262, SHORT, [6]],
    [270, ASCII, text(description)],
    [277, SHORT, [3]],
    ...(pixelsPerCm === null
      ? []
      : ([
          [282, RATIONAL, [pixelsPerCm, 1000]],
          [283, RATIONAL, [pixelsPerCm, 1000]],
        ] as const)),
    [284, SHORT, [1]],
    ...(pixelsPerCm === null ? [] : ([[296, SHORT, [3]]] as const)),
    [305, ASCII, text('Medulla')],
    [TILE_WIDTH, LONG, [image.tileWidthPx]],
    [TILE_HEIGHT, LONG, [image.tileHeightPx]],
    [TILE_OFFSETS, LONG, image.tiles.map(({ offset }) => offset)],
    [TILE_BYTES, LONG, image.tiles.map(({ bytes }) => bytes)],
    // Colour at half resolution each way, its samples in the middle of four, full range: as JFIF has it.
    [530, SHORT, halvesColour(level) ? [2, 2] : [1, 1]],
    [531, SHORT, [1]],
    [532, RATIONAL, [0, 1, 255, 1, 128, 1, 255, 1, 128, 1, 255, 1]],
  ]
}

const even = (bytes: number): number => bytes + (bytes % 2)

const bytesOf = (type: number, values: readonly number[]): number =>
  (values.length * BYTES_OF[type]) / (type === RATIONAL ? 2 : 1)

function writeValues(head: Buffer, at: number, type: number, values: readonly number[]): void {
  for (const [i, value] of values.entries()) {
    if (type === ASCII) head.writeUInt8(value, at + i)
    else if (type === SHORT) head.writeUInt16LE(value, at + 2 * i)
    else head.writeUInt32LE(value, at + 4 * i)
  }
}

function readValues(head: Buffer, entry: number, type: number): number[] {
  const count = head.readUInt32LE(entry + 4)
  const size = BYTES_OF[type]
  const at = count * size <= 4 ? entry + 8 : head.readUInt32LE(entry + 8)
  if (at + count * size > head.length) throw new RangeError('it ends too early')
  return Array.from({ length: count }, (_, i) =>
    type === SHORT ? head.readUInt16LE(at + 2 * i) : head.readUInt32LE(at + 4 * i),
  )
}
