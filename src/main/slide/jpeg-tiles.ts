import jpeg from '@julusian/jpeg-turbo'
import { halvesColour } from './field-levels.ts'
import { TILE_SIZE_PX } from './slide.ts'

/**
 * Near the point where people stop seeing a difference. Colour at half resolution: at 0.1 um a pixel the objective resolves no
 * finer than that. What a model sees in a scan are the camera's own pixels, not these.
 */
export const JPEG_OPTIONS = { format: jpeg.FORMAT_RGB, quality: 90, subsampling: jpeg.SAMP_420 } as const

/** For one of the images kept of a field. */
export const optionsOf = (level: number) => ({
  ...JPEG_OPTIONS,
  subsampling: halvesColour(level) ? JPEG_OPTIONS.subsampling : jpeg.SAMP_444,
})

/** Memory to compress any tile into. */
export function outputBuffer(): Buffer {
  return Buffer.allocUnsafeSlow(
    jpeg.bufferSize({ width: TILE_SIZE_PX, height: TILE_SIZE_PX, subsampling: jpeg.SAMP_444 }),
  )
}

/** Height x width x 3, RGB. Rejects where the bytes are not a whole JPEG of that size. */
export async function decodeTile(bytes: Buffer, widthPx: number, heightPx: number): Promise<Buffer> {
  const { data, width, height } = await jpeg.decompress(bytes, { format: jpeg.FORMAT_RGB })
  if (width !== widthPx || height !== heightPx) {
    throw new RangeError(`it is ${width} x ${height} px, not ${widthPx} x ${heightPx}`)
  }
  return data
}
