import { z } from 'zod'

/** Micrometres of the slide under one image pixel as somebody states it, or auto: to be estimated from the red cells. */
export const pixelSizeChoice = z.union([z.number().positive(), z.literal('auto')])
export type PixelSizeChoice = z.infer<typeof pixelSizeChoice>

/**
 * A pixel size that nobody stated: estimated from the red cells, which are about 7.3 um across on a dried smear. Those of a patient may be a
 * tenth larger or smaller (anaemias), and so may then be everything measured in micrometres.
 */
export const pixelSizeEstimate = z.object({
  pixelSizeUm: z.number(),
  /** 95 % limits of the median of these red cells; says nothing of the patient's own red-cell size. */
  lowUm: z.number(),
  highUm: z.number(),
  /** Free, whole, round red cells it was measured on, and the images that were looked at. */
  redCells: z.number().int(),
  images: z.number().int(),
})
export type PixelSizeEstimate = z.infer<typeof pixelSizeEstimate>
