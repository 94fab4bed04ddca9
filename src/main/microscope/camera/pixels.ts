import { asBuffer } from '../../as-buffer.ts'
import { frameMemory } from '../../frame-memory.ts'
import { bayerKernel, EVEN_COLUMNS, ODD_COLUMNS } from './bayer-kernel.ts'
import { type RowNumber, Rows } from './rows.ts'
import { yuvKernel } from './yuv-kernel.ts'

/** Raw frames as cameras send them, 8 bit, rows without padding. `bayer-..`: the colours of the upper left two by two pixels begin so. */
export type RawFormat = 'rgb24' | 'gray' | 'nv12' | 'yuv420p' | 'bayer-rg8' | 'bayer-gr8' | 'bayer-gb8' | 'bayer-bg8'

export interface RawImage {
  readonly data: Uint8Array
  readonly widthPx: number
  readonly heightPx: number
  readonly format: RawFormat
}

export function rawBytes(format: RawFormat, widthPx: number, heightPx: number): number {
  if (format === 'rgb24') return 3 * widthPx * heightPx
  if (format === 'nv12' || format === 'yuv420p') {
    return widthPx * heightPx + 2 * Math.ceil(widthPx / 2) * Math.ceil(heightPx / 2)
  }
  return widthPx * heightPx
}

/** A copy, on a SharedArrayBuffer: height x width x 3, RGB. A frame of 3 megapixels takes some 5 ms. */
export function toRgb(image: RawImage): Uint8Array {
  const rgb = frameMemory(image.widthPx, image.heightPx)
  switch (image.format) {
    case 'rgb24':
      asBuffer(image.data).copy(rgb)
      break
    case 'gray':
      grayToRgb(image, rgb)
      break
    case 'nv12':
    case 'yuv420p':
      yuvToRgb(image, image.format, rgb)
      break
    default:
      bayerToRgb(image, image.format, rgb)
  }
  return rgb
}

const rows = new Rows()
const yuv = { nv12: yuvKernel(rows.memory, true), yuv420p: yuvKernel(rows.memory, false) }
const bayer = bayerKernel(rows.memory)

/** Brightness without colour. */
function grayToRgb({ data, widthPx, heightPx }: RawImage, rgb: Uint8Array): void {
  rows.begin(widthPx)
  rows.fill(1, 128)
  for (let y = 0; y < heightPx; y++) {
    rows.take(0, data, y * widthPx)
    yuv.yuv420p(rows.at(0), rows.at(1), rows.at(1), rows.rgb, rows.groups)
    rows.give(rgb, y)
  }
}

/** Each two by two pixels share one colour. */
function yuvToRgb({ data, widthPx, heightPx }: RawImage, format: 'nv12' | 'yuv420p', rgb: Uint8Array): void {
  rows.begin(widthPx)
  const halfWidth = Math.ceil(widthPx / 2)
  const luma = widthPx * heightPx
  for (let y = 0; y < heightPx; y++) {
    rows.take(0, data, y * widthPx)
    if (y % 2 === 0) {
      const row = (y / 2) * halfWidth
      if (format === 'nv12') rows.take(1, data, luma + 2 * row, 2 * halfWidth)
      else {
        rows.take(1, data, luma + row, halfWidth)
        rows.take(2, data, luma + halfWidth * Math.ceil(heightPx / 2) + row, halfWidth)
      }
    }
    yuv[format](rows.at(0), rows.at(1), rows.at(2), rows.rgb, rows.groups)
    rows.give(rgb, y)
  }
}

/** Of the upper left two by two pixels: where red lies. Blue lies across from it. */
const RED_AT = { 'bayer-rg8': [0, 0], 'bayer-gr8': [1, 0], 'bayer-gb8': [0, 1], 'bayer-bg8': [1, 1] } as const

/** The edges are mirrored. */
function bayerToRgb({ data, widthPx, heightPx }: RawImage, format: keyof typeof RED_AT, rgb: Uint8Array): void {
  rows.begin(widthPx)
  const [redX, redY] = RED_AT[format]
  const take = (y: number) => {
    rows.take(numberOf(y), data, y * widthPx)
    rows.mirrorEnds(numberOf(y))
  }
  take(0)
  for (let y = 0; y < heightPx; y++) {
    if (y + 1 < heightPx) take(y + 1)
    const [above, here, below] = [y === 0 ? 1 : y - 1, y, y === heightPx - 1 ? y - 1 : y + 1].map(
      (each) => rows.at(numberOf(each)) - 1,
    ) as [number, number, number]
    const isRed = (y & 1) === redY
    const columns = (redX === 0) === isRed ? EVEN_COLUMNS : ODD_COLUMNS
    bayer(above, here, below, rows.rgb, rows.groups, columns, isRed ? -1 : 0)
    rows.give(rgb, y)
  }
}

const numberOf = (y: number) => (y % 3) as RowNumber
