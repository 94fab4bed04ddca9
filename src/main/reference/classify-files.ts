import { mostProbable, type NamedCell } from '../../shared/most-probable.ts'
import { readImage } from '../images/read-image.ts'
import type { Classifier } from '../inference/classifier.ts'
import { cropForModel } from '../vision/crop.ts'

/** Images read and cropped before the model is asked once for them all. */
const BATCH = 64

export interface NamedFile extends NamedCell {
  readonly path: string
  /** By class of the model, in its order. */
  readonly probabilities: Float32Array
}

/** Names the cell in the middle of each image. Rejects `image-unreadable`. */
export async function classifyFiles(
  paths: readonly string[],
  pixelSizeUm: number,
  classifier: Classifier,
): Promise<NamedFile[]> {
  const { sizePx } = classifier.manifest.input
  const scale = { inputPx: sizePx, pixelSizeUm: classifier.manifest.input.pixelSizeUm }
  const cropBytes = sizePx * sizePx * 3
  const width = classifier.classes.length
  const named: NamedFile[] = []
  for (let start = 0; start < paths.length; start += BATCH) {
    const batch = paths.slice(start, start + BATCH)
    const crops = new Uint8Array(batch.length * cropBytes)
    for (const [i, path] of batch.entries()) {
      const image = await readImage(path)
      const target = crops.subarray(i * cropBytes, (i + 1) * cropBytes)
      cropForModel(image, image.widthPx / 2, image.heightPx / 2, pixelSizeUm, scale, target)
    }
    const { probabilities } = await classifier.classify(crops, batch.length)
    for (const [i, path] of batch.entries()) {
      named.push({
        path,
        ...mostProbable(probabilities, classifier.classes, i),
        probabilities: probabilities.slice(i * width, (i + 1) * width),
      })
    }
  }
  return named
}
