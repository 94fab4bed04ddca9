import { BINNINGS, type Binning } from '../../slide/slide.ts'

/** How finely two fields are compared. */
export interface ComparedScale {
  /** Field pixels along each side of a pixel that is compared. */
  readonly binning: Binning
  /** Side of a pixel that is compared, micrometres. */
  readonly pixelUm: number
}

/** An oil objective resolves 0.26 um: what is finer is noise, what is much coarser is no longer the grain of cells. */
const COMPARED_UM = 0.2

/** The scale nearest to `COMPARED_UM`, whatever the camera: 0.14 to 0.28 um for pixels of up to 0.28 um, and a coarser camera's own. */
export function comparedScale(pixelSizeUm: number): ComparedScale {
  const halvings = Math.max(0, Math.min(BINNINGS.length - 1, Math.round(Math.log2(COMPARED_UM / pixelSizeUm))))
  const binning = BINNINGS[halvings]!
  return { binning, pixelUm: binning * pixelSizeUm }
}
