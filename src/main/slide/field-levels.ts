import type { RgbImage } from '../../shared/image.ts'
import { TILE_SIZE_PX } from './slide.ts'

/** Images kept of a field: full size, a half, a quarter, an eighth. */
export const FIELD_LEVELS = 4

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
  return Array.from({ length: FIELD_LEVELS }, (_, level) => {
    const width = Math.ceil(widthPx / 2 ** level)
    const height = Math.ceil(heightPx / 2 ** level)
    return { widthPx: width, heightPx: height, tileWidthPx: tileSide(width), tileHeightPx: tileSide(height) }
  })
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
 * The tile where it lies in the image, or a copy: where it reaches beyond the edge (the outermost pixels repeat there), and where
 * the image's memory ends before the last row's last stride, which the compressor's binding wants to be whole.
 */
export function tilePixels(
  { data, widthPx, heightPx }: RgbImage,
  level: FieldLevel,
  { left, top }: TilePlace,
): TilePixels {
  const { tileWidthPx: width, tileHeightPx: height } = level
  const from = 3 * (top * widthPx + left)
  const length = 3 * widthPx * height
  if (left + width <= widthPx && top + height <= heightPx && from + length <= data.length) {
    return { data: Buffer.from(data.buffer, data.byteOffset + from, length), stride: widthPx }
  }
  const copy = Buffer.allocUnsafe(3 * width * height)
  const inside = 3 * Math.min(width, widthPx - left)
  for (let y = 0; y < height; y++) {
    const row = 3 * (Math.min(heightPx - 1, top + y) * widthPx + left)
    const at = 3 * width * y
    copy.set(data.subarray(row, row + inside), at)
    for (let x = inside; x < 3 * width; x++) copy[at + x] = copy[at + x - 3]
  }
  return { data: copy, stride: width }
}
