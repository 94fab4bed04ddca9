import type { RgbImage } from '../../shared/image.ts'
import { mostProbable, type NamedCell } from '../../shared/most-probable.ts'
import type { Classifier } from '../inference/classifier.ts'
import { cropForModel } from '../vision/crop.ts'

/** Images read and cropped before the model is asked once for them all. */
const BATCH = 64

export interface NamedImage extends NamedCell {
  /** By class of the model, in its order. */
  readonly probabilities: Float32Array
  /** null: the model cannot tell. */
  readonly unfamiliarity: number | null
}

export interface NameOptions {
  /** Told how many are named, of how many. */
  readonly onNamed?: (images: number, of: number) => void
  readonly signal?: AbortSignal
}

/** What a crop of the public marrow database shows from side to side: 250 px of 0.092 um, or 160 px of 0.144 um where it was reduced. */
export const CROP_SIDE_UM = 23.04

/** Names the cell in the middle of each image; `pixelSizeUm` null: each shows `CROP_SIDE_UM`. Rejects `image-unreadable`. */
export async function nameCells(
  images: readonly { read(): Promise<RgbImage> }[],
  pixelSizeUm: number | null,
  classifier: Classifier,
  { onNamed, signal }: NameOptions = {},
): Promise<NamedImage[]> {
  const { sizePx } = classifier.manifest.input
  const scale = { inputPx: sizePx, pixelSizeUm: classifier.manifest.input.pixelSizeUm }
  const cropBytes = sizePx * sizePx * 3
  const width = classifier.classes.length
  const named: NamedImage[] = []
  for (let start = 0; start < images.length; start += BATCH) {
    signal?.throwIfAborted()
    const batch = images.slice(start, start + BATCH)
    const crops = new Uint8Array(batch.length * cropBytes)
    for (const [i, each] of batch.entries()) {
      const image = await each.read()
      const target = crops.subarray(i * cropBytes, (i + 1) * cropBytes)
      const umAPixel = pixelSizeUm ?? CROP_SIDE_UM / Math.min(image.widthPx, image.heightPx)
      cropForModel(image, image.widthPx / 2, image.heightPx / 2, umAPixel, scale, target)
    }
    const { probabilities, unfamiliarity } = await classifier.classify(crops, batch.length)
    for (const i of batch.keys()) {
      const own = probabilities.slice(i * width, (i + 1) * width)
      const best = mostProbable(probabilities, classifier.classes, i)
      named.push({ ...best, probabilities: own, unfamiliarity: unfamiliarity?.[i] ?? null })
    }
    onNamed?.(named.length, images.length)
  }
  return named
}
