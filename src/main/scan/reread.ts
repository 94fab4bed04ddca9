import type { Field } from '../../shared/contract/slide.ts'
import type { RgbImage } from '../../shared/image.ts'
import type { Casebook, CellPlace, RunPlan, Said } from '../casebook/casebook.ts'
import { decodeImage } from '../images/read-image.ts'
import type { Classifier } from '../inference/classifier.ts'
import type { Slide } from '../slide/slide.ts'
import type { CropScale } from '../vision/analysis.ts'
import { cropForModel } from '../vision/crop.ts'
import { pictureFrame } from '../vision/picture.ts'
import { saidOf } from './look.ts'

/** crop: the pictures kept of the cells. slide: the images kept of the fields. */
export type PixelSource = 'crop' | 'slide'

/** A model's crop may reach so far over the edge of a cell's picture, pixels of the picture: they are placed by whole pixels. */
const EDGE_PX = 1

export interface RereadParts {
  readonly casebook: Pick<Casebook, 'crop'>
  readonly classifier: Classifier
  readonly plan: Pick<RunPlan, 'pixelSizeUm'>
  readonly slide: Pick<Slide, 'field'>
  readonly source: PixelSource
}

/**
 * What is kept of a cell is its picture, in the camera's pixels as long as these are not too fine, and compressed; a model that looks
 * farther, or finer, than the picture shows is given the field as it was kept: compressed too.
 */
export function sourceFor({ inputPx, pixelSizeUm }: CropScale, fieldPixelUm: number): PixelSource {
  const { widthPx, merged } = pictureFrame(0, 0, fieldPixelUm)
  const picturePixelUm = fieldPixelUm * merged
  const isWide = inputPx * pixelSizeUm <= (widthPx + 2 * EDGE_PX) * picturePixelUm
  const isFine = merged === 1 || picturePixelUm <= pixelSizeUm
  return isWide && isFine ? 'crop' : 'slide'
}

/** What the model says of cells of one field. */
export async function rereadCells(
  { casebook, classifier, plan, slide, source }: RereadParts,
  field: Field,
  cells: readonly CellPlace[],
): Promise<(Said & { readonly cellId: number })[]> {
  const { sizePx, pixelSizeUm } = classifier.manifest.input
  const scale: CropScale = { inputPx: sizePx, pixelSizeUm }
  const cropBytes = sizePx * sizePx * 3
  const crops = new Uint8Array(cells.length * cropBytes)
  const seen = source === 'slide' ? await slide.field(field.index) : null
  for (const [i, cell] of cells.entries()) {
    const target = crops.subarray(i * cropBytes, (i + 1) * cropBytes)
    if (seen) cropForModel(seen, cell.xPx, cell.yPx, plan.pixelSizeUm, scale, target)
    else cropFromPicture(await pictureOfCell(casebook, cell), cell, plan.pixelSizeUm, scale, target)
  }
  const classified = await classifier.classify(crops, cells.length)
  return cells.map(({ cellId }, i) => ({ cellId, ...saidOf(classified, i, cells.length) }))
}

async function pictureOfCell(casebook: Pick<Casebook, 'crop'>, { cellId }: CellPlace): Promise<RgbImage> {
  // Every cell is committed with its picture.
  return decodeImage(Buffer.from(casebook.crop(cellId)!), `of cell ${cellId}`)
}

function cropFromPicture(
  picture: RgbImage,
  { xPx, yPx }: CellPlace,
  fieldPixelUm: number,
  scale: CropScale,
  target: Uint8Array,
): void {
  const { merged, corner } = pictureFrame(xPx, yPx, fieldPixelUm)
  const [x, y] = corner ? [xPx - corner.leftPx, yPx - corner.topPx] : [picture.widthPx / 2, picture.heightPx / 2]
  cropForModel(picture, x, y, fieldPixelUm * merged, scale, target)
}
