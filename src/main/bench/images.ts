import { listImages } from '../images/list-images.ts'
import { readImage } from '../images/read-image.ts'
import type { Classifier } from '../inference/classifier.ts'
import { nameCells } from '../reference/name-cells.ts'
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
  const files = await allImages(paths)
  const named = await nameCells(
    files.map((path) => ({ read: () => readImage(path) })),
    pixelSizeUm,
    classifier,
  )
  return {
    model: `${classifier.manifest.name} ${classifier.manifest.version}`,
    images: named.map((cell, i) => ({
      image: files[i],
      class: cell.class,
      probabilities: Object.fromEntries(classifier.classes.map((code, at) => [code, cell.probabilities[at]])),
    })),
  }
}
