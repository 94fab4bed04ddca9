import type { FieldQuality } from '../../../shared/contract/quality.ts'
import type { RgbImage } from '../../../shared/image.ts'
import { type Segmentation, segmentCells } from '../segment.ts'
import { type White, whiteAt } from '../white.ts'
import { coverOf } from './cover.ts'
import { edgeWidths } from './edge-width.ts'

/** Grey levels from which a pixel is at its end. */
const SATURATED = 254
const BLACK = 8
/** Every so many rows, and of these every so many pixels, is asked whether it is at its end. */
const STRIDE = 4
const CHANNELS = [0, 1, 2] as const

/**
 * What the gate goes by (see `judgeField`). Some milliseconds for three megapixels beside the segmentation; the same image gives the
 * same figures.
 *
 * @param pixelSizeUm micrometres a pixel, 0.02-0.5.
 * @param segmentation of the same image, where there is one already.
 */
export function measureField(
  image: RgbImage,
  pixelSizeUm: number,
  segmentation: Segmentation = segmentCells(image, pixelSizeUm),
): FieldQuality {
  const { white } = segmentation
  const [red, green, blue] = CHANNELS.map((c) => whiteAt(white, c, 0, 0))
  return {
    ...edgeWidths(image, pixelSizeUm),
    ...endsOf(image),
    glass: { red, green, blue },
    unevenness: unevennessOf(white),
    ...coverOf(segmentation),
  }
}

function endsOf({ data, widthPx, heightPx }: RgbImage): Pick<FieldQuality, 'saturatedShare' | 'blackShare'> {
  let [saturated, black, count] = [0, 0, 0]
  for (let y = 0; y < heightPx; y += STRIDE) {
    const end = 3 * (y + 1) * widthPx
    for (let i = 3 * y * widthPx; i < end; i += 3 * STRIDE, count++) {
      const brightest = Math.max(data[i], data[i + 1], data[i + 2])
      if (brightest >= SATURATED) saturated++
      else if (brightest <= BLACK) black++
    }
  }
  return { saturatedShare: saturated / count, blackShare: black / count }
}

/** By green, at nine places. */
function unevennessOf(white: White): number {
  const places = [-1, 0, 1].flatMap((x) => [-1, 0, 1].map((y) => whiteAt(white, 1, x, y)))
  return 1 - Math.min(...places) / Math.max(...places)
}
