import type { Saliency } from '../../shared/contract/evidence.ts'
import { MedullaError } from '../../shared/errors.ts'
import type { Casebook } from '../casebook/casebook.ts'
import { decodeImage } from '../images/read-image.ts'
import type { Classifier } from '../inference/classifier.ts'
import { explainByOcclusion, OCCLUSION_GRID, SPOT_SHARE } from '../inference/occlusion.ts'
import { cropForModel } from '../vision/crop.ts'
import { PICTURE_UM } from '../vision/picture.ts'

/**
 * Why the model names a cell as it does, from the picture the casebook keeps of it: whose pixels are the camera's, but compressed, so
 * the probabilities may differ a little from those of the scan. Rejects `not-found`, and with the signal's reason once it is aborted.
 */
export async function explainCell(
  cellId: number,
  casebook: Pick<Casebook, 'crop'>,
  classifier: Classifier,
  signal?: AbortSignal,
): Promise<Saliency> {
  const jpeg = casebook.crop(cellId)
  if (!jpeg) {
    throw new MedullaError('not-found', `There is no picture of cell ${cellId} in this casebook.`, {
      remedy: 'Choose a cell of a run that is listed.',
      values: { cell: cellId },
    })
  }
  const picture = await decodeImage(Buffer.from(jpeg), `of cell ${cellId}`)
  const { sizePx, pixelSizeUm } = classifier.manifest.input
  const scale = { inputPx: sizePx, pixelSizeUm }
  const crop = cropForModel(picture, picture.widthPx / 2, picture.heightPx / 2, PICTURE_UM / picture.widthPx, scale)
  const { background, maps } = await explainByOcclusion(classifier, crop, signal)
  const sideUm = sizePx * pixelSizeUm
  return {
    cellId,
    model: `${classifier.manifest.name} ${classifier.manifest.version}`,
    rows: OCCLUSION_GRID,
    columns: OCCLUSION_GRID,
    sideUm,
    pictureUm: PICTURE_UM,
    spotUm: sideUm * SPOT_SHARE,
    background: [...background],
    maps: maps.map((map) => ({ ...map, weights: [...map.weights] })),
  }
}
