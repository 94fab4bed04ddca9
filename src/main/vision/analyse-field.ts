import { contains, type FieldPx, fieldPx, type Rect } from '../../shared/geometry.ts'
import type { RgbImage } from '../../shared/image.ts'
import type { AnalysedField, CropScale } from './analysis.ts'
import { cropForModel } from './crop.ts'
import { detectCells } from './detect.ts'
import { pictureOf } from './picture.ts'
import { measureField } from './quality/measure-field.ts'
import { segmentCells } from './segment.ts'

/** Detects, crops and measures on the calling thread. All crops of one kind share one buffer of their own, ready to be transferred. */
export function analyseField(
  image: RgbImage,
  pixelSizeUm: number,
  modelScale: CropScale | null,
  within: Rect<FieldPx> | null,
): AnalysedField {
  const segmentation = segmentCells(image, pixelSizeUm)
  const detections = detectCells(image, pixelSizeUm, segmentation).filter(
    ({ xPx, yPx }) => within === null || contains(within, fieldPx(xPx, yPx)),
  )
  let modelCrops: Uint8Array | null = null
  if (modelScale !== null) {
    const cropBytes = modelScale.inputPx * modelScale.inputPx * 3
    modelCrops = new Uint8Array(detections.length * cropBytes)
    for (const [i, { xPx, yPx }] of detections.entries()) {
      const crop = modelCrops.subarray(i * cropBytes, (i + 1) * cropBytes)
      cropForModel(image, xPx, yPx, pixelSizeUm, modelScale, crop)
    }
  }
  const jpegs = detections.map(({ xPx, yPx }) => pictureOf(image, xPx, yPx, pixelSizeUm))
  const packed = new Uint8Array(jpegs.reduce((sum, jpeg) => sum + jpeg.length, 0))
  let end = 0
  const cropJpegs = jpegs.map((jpeg) => {
    packed.set(jpeg, end)
    end += jpeg.length
    return packed.subarray(end - jpeg.length, end)
  })
  return { detections, modelCrops, cropJpegs, quality: measureField(image, pixelSizeUm, segmentation) }
}
