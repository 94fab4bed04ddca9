import jpeg from '@julusian/jpeg-turbo'
import type { RgbImage } from '../../shared/image.ts'
import { cropSquare } from './crop.ts'

/** Side of the square that people look at, micrometres: the largest cell and its neighbourhood. */
const PICTURE_UM = 25
/** No picture is wider than this: pixels finer than that show nothing more. */
const WIDEST_PX = 360
const QUALITY = 88

/**
 * A JPEG of the surroundings of a point, at the image's own pixels (whole ones merged where there are too many): what the camera
 * saw, and cheaper than any resampling. Beyond the image its outermost pixels repeat.
 */
export function pictureOf(image: RgbImage, xPx: number, yPx: number, pixelSizeUm: number): Uint8Array {
  const sidePx = Math.max(1, Math.round(PICTURE_UM / pixelSizeUm))
  const merged = Math.ceil(sidePx / WIDEST_PX)
  const widthPx = Math.max(1, Math.round(sidePx / merged))
  const pixels =
    merged === 1 ? ownPixels(image, xPx, yPx, sidePx) : cropSquare(image, xPx, yPx, widthPx * merged, widthPx)
  return jpeg.compressSync(Buffer.from(pixels.buffer, pixels.byteOffset, pixels.byteLength), {
    format: jpeg.FORMAT_RGB,
    width: widthPx,
    height: widthPx,
    subsampling: jpeg.SAMP_420,
    quality: QUALITY,
  })
}

/** sidePx x sidePx x 3, RGB. */
function ownPixels({ data, widthPx, heightPx }: RgbImage, xPx: number, yPx: number, sidePx: number): Uint8Array {
  const left = Math.round(xPx - sidePx / 2)
  const top = Math.round(yPx - sidePx / 2)
  const from = Math.max(0, left)
  const to = Math.min(widthPx, left + sidePx)
  const pixels = new Uint8Array(sidePx * sidePx * 3)
  for (let y = 0; y < sidePx; y++) {
    const row = Math.min(heightPx - 1, Math.max(0, top + y)) * widthPx
    const out = y * sidePx * 3
    if (to > from) pixels.set(data.subarray((row + from) * 3, (row + to) * 3), out + (from - left) * 3)
    const repeat = (x: number, source: number) => {
      for (let c = 0; c < 3; c++) pixels[out + x * 3 + c] = data[(row + source) * 3 + c]
    }
    for (let x = 0; x < Math.min(sidePx, from - left); x++) repeat(x, 0)
    for (let x = Math.max(0, to - left); x < sidePx; x++) repeat(x, widthPx - 1)
  }
  return pixels
}
