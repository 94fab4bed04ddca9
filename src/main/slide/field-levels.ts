import { asBuffer } from '../as-buffer.ts'
import { TILE_SIZE_PX } from './slide.ts'
import type { StridedImage } from './strided.ts'

/**
 * Images kept of a field: full size, a half, and so on to a 32nd, of which the whole slide is drawn. Files of earlier versions have the first
 * four.
 */
export const FIELD_LEVELS = 6

/** Far below a cell is a few pixels: there colour keeps the resolution of the rest. */
export const halvesColour = (level: number): boolean => level < 4

/** Sides of JPEG tiles in a TIFF are multiples of this. */
const TILE_STEP_PX = 16

/** Size of one image of a field, and of its tiles. */
export interface FieldLevel {
  readonly widthPx: number
  readonly heightPx: number
  readonly tileWidthPx: number
  readonly tileHeightPx: number
}

export function fieldLevels(widthPx: number, heightPx: number): FieldLevel[] {
  return Array.from({ length: FIELD_LEVELS }, (_, level) => fieldLevel(widthPx, heightPx, level))
}

/** Also one below those that are kept. */
export function fieldLevel(widthPx: number, heightPx: number, level: number): FieldLevel {
  const width = Math.ceil(widthPx / 2 ** level)
  const height = Math.ceil(heightPx / 2 ** level)
  return { widthPx: width, heightPx: height, tileWidthPx: tileSide(width), tileHeightPx: tileSide(height) }
}

/** As few tiles as fit, all alike, with little beyond the image's edge: what lies there is compressed too. */
function tileSide(sidePx: number): number {
  const tiles = Math.ceil(sidePx / TILE_SIZE_PX)
  return Math.ceil(sidePx / tiles / TILE_STEP_PX) * TILE_STEP_PX
}

export interface TilePlace {
  readonly left: number
  readonly top: number
}

/** Upper left corners of a level's tiles, row by row. */
export function tilePlaces({ widthPx, heightPx, tileWidthPx, tileHeightPx }: FieldLevel): TilePlace[] {
  const places: TilePlace[] = []
  for (let top = 0; top < heightPx; top += tileHeightPx)
    for (let left = 0; left < widthPx; left += tileWidthPx) places.push({ left, top })
  return places
}

/** Pixels of a tile as the compressor takes them. */
export interface TilePixels {
  readonly data: Buffer
  /** Pixels from one row to the next. */
  readonly stride: number
}

/**
 * The tile where it lies in the image; or copied, where it reaches beyond the image's edge (the outermost pixels repeat there) or the
 * image's memory ends before the last row's whole stride, which the compressor's binding asks for though it does not look at it.
 * @param copy memory for that, at least 3 bytes a pixel of the tile.
 */
export function tilePixels(
  image: StridedImage,
  { tileWidthPx: width, tileHeightPx: height }: FieldLevel,
  { left, top }: TilePlace,
  copy: () => Buffer,
): TilePixels {
  const { data, widthPx, heightPx, stridePx } = image
  const from = data.byteOffset + 3 * (top * stridePx + left)
  const bytes = 3 * stridePx * height
  const isInside = left + width <= widthPx && top + height <= heightPx
  if (isInside && from + bytes <= data.buffer.byteLength) {
    return { data: Buffer.from(data.buffer, from, bytes), stride: stridePx }
  }
  const copied = copy()
  const pixels = asBuffer(data)
  const inside = 3 * Math.min(width, widthPx - left)
  for (let y = 0; y < height; y++) {
    const row = 3 * (Math.min(heightPx - 1, top + y) * stridePx + left)
    const at = 3 * width * y
    pixels.copy(copied, at, row, row + inside)
    for (let x = inside; x < 3 * width; x++) copied[at + x] = copied[at + x - 3]
  }
  return { data: copied, stride: width }
}
