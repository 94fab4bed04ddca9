import { listImages } from '../images/list-images.ts'
import { readImage } from '../images/read-image.ts'
import type { Classifier } from '../inference/classifier.ts'
import { classifyFiles } from '../reference/classify-files.ts'
import type { Analyser } from '../vision/analysis.ts'
import { requirePixelSize } from '../vision/plausible.ts'

interface ImagesInput {
  readonly paths: readonly string[]
  readonly pixelSizeUm: number
}

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
  const named = await classifyFiles(await allImages(paths), pixelSizeUm, classifier)
  return {
    model: `${classifier.manifest.name} ${classifier.manifest.version}`,
    images: named.map((cell) => ({
      image: cell.path,
      class: cell.class,
      probabilities: Object.fromEntries(classifier.classes.map((code, i) => [code, cell.probabilities[i]])),
    })),
  }
}
