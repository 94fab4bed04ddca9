import jpeg from '@julusian/jpeg-turbo'
import type { RgbImage } from '../../shared/image.ts'
import { asBuffer } from '../as-buffer.ts'
import { cropSquare } from './crop.ts'

/** Side of the square that people look at, micrometres: the largest cell and its neighbourhood. */
export const PICTURE_UM = 25
/** No picture is wider than this: pixels finer than that show nothing more. */
const WIDEST_PX = 360
const QUALITY = 88

/** Where a picture of a cell lies in its field. */
export interface PictureFrame {
  /** Side of the picture, in its own pixels. */
  readonly widthPx: number
  /** So many pixels of the field, each way, make one of the picture. */
  readonly merged: number
  /** Upper left corner in the field, whole pixels; null: the pixels are merged, and the cell lies exactly in the middle. */
  readonly corner: { readonly leftPx: number; readonly topPx: number } | null
}

/** The frame of the picture that `pictureOf` makes round a point. */
export function pictureFrame(xPx: number, yPx: number, pixelSizeUm: number): PictureFrame {
  const sidePx = Math.max(1, Math.round(PICTURE_UM / pixelSizeUm))
  const merged = Math.ceil(sidePx / WIDEST_PX)
  if (merged > 1) return { widthPx: Math.max(1, Math.round(sidePx / merged)), merged, corner: null }
  const corner = { leftPx: Math.round(xPx - sidePx / 2), topPx: Math.round(yPx - sidePx / 2) }
  return { widthPx: sidePx, merged, corner }
}

/**
 * A JPEG of the surroundings of a point, at the image's own pixels (whole ones merged where there are too many): what the camera
 * saw, and cheaper than any resampling. Beyond the image its outermost pixels repeat.
 */
export function pictureOf(image: RgbImage, xPx: number, yPx: number, pixelSizeUm: number): Uint8Array {
  const { widthPx, merged, corner } = pictureFrame(xPx, yPx, pixelSizeUm)
  if (!corner) return compressed(cropSquare(image, xPx, yPx, widthPx * merged, widthPx), widthPx)
  const { leftPx: left, topPx: top } = corner
  const inside = left >= 0 && top >= 0 && left + widthPx <= image.widthPx && top + widthPx < image.heightPx
  if (!inside) return compressed(repeated(image, left, top, widthPx), widthPx)
  // Read where it lies: the encoder skips from row to row of the image.
  const from = (top * image.widthPx + left) * 3
  return compressed(image.data.subarray(from, from + widthPx * image.widthPx * 3), widthPx, image.widthPx)
}

let output = Buffer.alloc(0)

/** @param stride pixels from one row to the next. */
function compressed(pixels: Uint8Array, sidePx: number, stride = sidePx): Uint8Array {
  const size = { width: sidePx, height: sidePx, subsampling: jpeg.SAMP_420 }
  const room = jpeg.bufferSize(size)
  if (output.length < room) output = Buffer.allocUnsafeSlow(room)
  const raw = asBuffer(pixels)
  // A copy, as the next picture is written to the same place.
  return new Uint8Array(jpeg.compressSync(raw, output, { ...size, format: jpeg.FORMAT_RGB, quality: QUALITY, stride }))
}

/** sidePx x sidePx x 3, RGB: the outermost pixels again and again beyond the image. */
function repeated({ data, widthPx, heightPx }: RgbImage, left: number, top: number, sidePx: number): Uint8Array {
  const image = asBuffer(data)
  const pixels = Buffer.allocUnsafeSlow(sidePx * sidePx * 3)
  const inImage = (x: number) => Math.min(widthPx - 1, Math.max(0, x))
  const [first, last] = [inImage(left), inImage(left + sidePx - 1)]
  const [start, end] = [3 * Math.max(0, first - left), 3 * (last + 1 - left)]
  for (let y = 0; y < sidePx; y++) {
    const row = Math.min(heightPx - 1, Math.max(0, top + y)) * widthPx
    const [firstAt, lastAt] = [3 * (row + first), 3 * (row + last)]
    const out = y * sidePx * 3
    image.copy(pixels, out + start, firstAt, lastAt + 3)
    for (let i = out; i < out + start; i++) pixels[i] = data[firstAt + ((i - out) % 3)]
    for (let i = out + end; i < out + 3 * sidePx; i++) pixels[i] = data[lastAt + ((i - out) % 3)]
  }
  return pixels
}
