import type { RgbImage } from '../../../shared/image.ts'
import { focusScore } from '../../microscope/focus/focus-score.ts'

/** Detail of this size in pixels against detail four times as large. */
const FINE_LAG_PX = 2
export const COARSE_LAG_PX = 8
/** Coarse detail that cells have, even some 10 um out of focus, and the noise of a camera has not: as in `findFocus`. */
export const LEAST_COARSE = 2e-4

/**
 * Fine detail over coarse detail. What lies in a field adds to both alike, so on a smear in focus it is the same within a tenth wherever
 * there are cells (0.21 at 0.092 um a pixel on simulated smears); 0.6 um out of focus it is 0.15, at 1 um 0.11, at 2 um 0.07.
 * null: nothing to see.
 */
export function sharpnessOf(image: RgbImage): number | null {
  const coarse = focusScore(image, COARSE_LAG_PX)
  return coarse < LEAST_COARSE ? null : focusScore(image, FINE_LAG_PX) / coarse
}
