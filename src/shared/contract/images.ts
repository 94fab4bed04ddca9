import { z } from 'zod'
import { classCode, procedure } from './base.ts'
import { pixelSizeChoice, pixelSizeEstimate } from './pixel-size.ts'

const paths = z.object({
  /** Files or folders; folders are walked. */
  paths: z.array(z.string().min(1)).min(1),
  /** Of all of them; auto: one estimate for them all. */
  pixelSizeUm: pixelSizeChoice,
})

export const detectedCell = z.object({
  xPx: z.number(),
  yPx: z.number(),
  widthPx: z.number(),
  heightPx: z.number(),
  score: z.number(),
  /** Where the cell ends, clockwise: x, y of each of at most 64 corners in turn, pixels of the image. */
  outlinePx: z.array(z.number()),
})

export const images = {
  detect: procedure.input(paths).output(
    z.object({
      pixelSizeUm: z.number(),
      /** null: the pixel size was stated. */
      pixelSizeEstimate: pixelSizeEstimate.nullable(),
      images: z.array(
        z.object({
          image: z.string(),
          widthPx: z.number().int(),
          heightPx: z.number().int(),
          pixelSizeUm: z.number(),
          cells: z.array(detectedCell),
        }),
      ),
    }),
  ),
  /** Each image is one centred cell. */
  classify: procedure.input(paths).output(
    z.object({
      model: z.string(),
      pixelSizeUm: z.number(),
      /** null: the pixel size was stated. */
      pixelSizeEstimate: pixelSizeEstimate.nullable(),
      images: z.array(
        z.object({ image: z.string(), class: classCode, probabilities: z.partialRecord(classCode, z.number()) }),
      ),
    }),
  ),
}
