import type { ClassCode } from '../../shared/taxonomy.ts'
import { listImages } from '../images/list-images.ts'
import { readImage } from '../images/read-image.ts'
import type { Classifier } from '../inference/classifier.ts'
import type { Analyser } from '../vision/analysis.ts'
import { cropForModel } from '../vision/crop.ts'
import { requirePixelSize } from '../vision/plausible.ts'

interface ImagesInput {
  readonly paths: readonly string[]
  readonly pixelSizeUm: number
}

/** Images read and cropped before the model is asked once for them all. */
const BATCH = 64

async function allImages(paths: readonly string[]): Promise<string[]> {
  const found: string[] = []
  for (const path of paths) found.push(...(await listImages(path, { recursive: true })))
  return [...new Set(found)]
}

export async function detectImages({ paths, pixelSizeUm }: ImagesInput, analyser: Analyser) {
  requirePixelSize(pixelSizeUm)
  const images = []
  for (const path of await allImages(paths)) {
    const image = await readImage(path)
    const { detections } = await analyser.analyse(image, pixelSizeUm, null, null)
    images.push({ image: path, widthPx: image.widthPx, heightPx: image.heightPx, pixelSizeUm, cells: [...detections] })
  }
  return { images }
}

/** Each image is one cell in its middle. */
export async function classifyImages({ paths, pixelSizeUm }: ImagesInput, classifier: Classifier) {
  requirePixelSize(pixelSizeUm)
  const { name, version, input } = classifier.manifest
  const cropBytes = input.sizePx * input.sizePx * 3
  const width = classifier.classes.length
  const files = await allImages(paths)
  const images = []
  for (let start = 0; start < files.length; start += BATCH) {
    const batch = files.slice(start, start + BATCH)
    const crops = new Uint8Array(batch.length * cropBytes)
    for (const [i, path] of batch.entries()) {
      const image = await readImage(path)
      const target = crops.subarray(i * cropBytes, (i + 1) * cropBytes)
      cropForModel(
        image,
        image.widthPx / 2,
        image.heightPx / 2,
        pixelSizeUm,
        { inputPx: input.sizePx, pixelSizeUm: input.pixelSizeUm },
        target,
      )
    }
    const probabilities = await classifier.classify(crops, batch.length)
    for (const [i, path] of batch.entries())
      images.push(named(path, probabilities.subarray(i * width, (i + 1) * width), classifier.classes))
  }
  return { model: `${name} ${version}`, images }
}

function named(image: string, probabilities: Float32Array, classes: readonly ClassCode[]) {
  let best = 0
  for (let i = 1; i < classes.length; i++) if (probabilities[i] > probabilities[best]) best = i
  return {
    image,
    class: classes[best],
    probabilities: Object.fromEntries(classes.map((code, i) => [code, probabilities[i]])),
  }
}
