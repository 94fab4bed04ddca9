import type { PixelSizeChoice } from '../../shared/contract/pixel-size.ts'
import { listImages } from '../images/list-images.ts'
import { readImage } from '../images/read-image.ts'
import type { Classifier } from '../inference/classifier.ts'
import { nameCells } from '../reference/name-cells.ts'
import type { Analyser } from '../vision/analysis.ts'
import { settlePixelSize } from '../vision/settle-pixel-size.ts'

interface ImagesInput {
  readonly paths: readonly string[]
  readonly pixelSizeUm: PixelSizeChoice
}

async function allImages(paths: readonly string[]): Promise<string[]> {
  const found: string[] = []
  for (const path of paths) found.push(...(await listImages(path, { recursive: true })))
  return [...new Set(found)]
}

export async function detectImages(input: ImagesInput, analyser: Analyser) {
  const files = await allImages(input.paths)
  const settled = await settlePixelSize(input.pixelSizeUm, files, analyser)
  const { pixelSizeUm } = settled
  const images = []
  for (const path of files) {
    const image = await readImage(path)
    const { detections } = await analyser.analyse(image, pixelSizeUm, null, null)
    const cells = detections.map((cell) => ({ ...cell, outlinePx: [...cell.outlinePx] }))
    images.push({ image: path, widthPx: image.widthPx, heightPx: image.heightPx, pixelSizeUm, cells })
  }
  return { ...settled, images }
}

/** Each image is one cell in its middle. */
export async function classifyImages(input: ImagesInput, analyser: Analyser, classifier: Classifier) {
  const files = await allImages(input.paths)
  const settled = await settlePixelSize(input.pixelSizeUm, files, analyser)
  const named = await nameCells(
    files.map((path) => ({ read: () => readImage(path) })),
    settled.pixelSizeUm,
    classifier,
  )
  return {
    model: `${classifier.manifest.name} ${classifier.manifest.version}`,
    ...settled,
    images: named.map((cell, i) => ({
      image: files[i],
      class: cell.class,
      probabilities: Object.fromEntries(classifier.classes.map((code, at) => [code, cell.probabilities[at]])),
    })),
  }
}
