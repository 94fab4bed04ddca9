import { MedullaError } from '../../shared/errors.ts'
import type { RgbImage } from '../../shared/image.ts'

/** 150x oil on a small-pixel camera to 20x on a large-pixel one. */
export const FINEST_UM = 0.02
export const COARSEST_UM = 0.5
/** Less than one lymphocyte, or more than a slide holds. */
const NARROWEST_FIELD_UM = 5
const WIDEST_FIELD_UM = 80_000

const remedy =
  'Give the size of one image pixel on the slide in micrometres: camera pixel size / magnification, about 0.09 with 40x oil.'

/** @throws MedullaError `pixel-size-implausible` for a number no microscope has, whatever the image. */
export function requirePixelSize(pixelSizeUm: number): void {
  if (!(pixelSizeUm >= FINEST_UM && pixelSizeUm <= COARSEST_UM)) {
    throw new MedullaError(
      'pixel-size-implausible',
      `A pixel size of ${pixelSizeUm} um is outside ${FINEST_UM} to ${COARSEST_UM} um.`,
      { remedy, values: { pixelSizeUm } },
    )
  }
}

/** @throws MedullaError `pixel-size-implausible` where cells could not be seen at this scale. */
export function requirePlausiblePixelSize(image: RgbImage, pixelSizeUm: number): void {
  requirePixelSize(pixelSizeUm)
  const widthUm = image.widthPx * pixelSizeUm
  const heightUm = image.heightPx * pixelSizeUm
  if (Math.min(widthUm, heightUm) < NARROWEST_FIELD_UM || Math.max(widthUm, heightUm) > WIDEST_FIELD_UM) {
    throw new MedullaError(
      'pixel-size-implausible',
      `At ${pixelSizeUm} um a pixel the image would be ${widthUm.toFixed(1)} x ${heightUm.toFixed(1)} um.`,
      { remedy, values: { pixelSizeUm, widthPx: image.widthPx, heightPx: image.heightPx } },
    )
  }
}
