import { z } from 'zod'
import { classCode, procedure } from './base.ts'

const paths = z.object({
  /** Files or folders; folders are walked. */
  paths: z.array(z.string().min(1)).min(1),
  pixelSizeUm: z.number().positive(),
})

export const detectedCell = z.object({
  xPx: z.number(),
  yPx: z.number(),
  widthPx: z.number(),
  heightPx: z.number(),
  score: z.number(),
})

export const images = {
  detect: procedure.input(paths).output(
    z.object({
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
      images: z.array(
        z.object({ image: z.string(), class: classCode, probabilities: z.partialRecord(classCode, z.number()) }),
      ),
    }),
  ),
}
