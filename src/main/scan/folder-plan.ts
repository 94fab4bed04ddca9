import { z } from 'zod'
import { type PixelSizeEstimate, pixelSizeEstimate } from '../../shared/contract/pixel-size.ts'

/** A folder of images, each a field: all a run needs to go on. Which files are done is known from its committed fields. */
export const folderPlan = z.object({
  kind: z.literal('folder'),
  /** Absolute. */
  images: z.string(),
  pixelSizeUm: z.number().positive(),
  /** Where that comes from, if from the red cells; null: somebody stated it. */
  pixelSizeEstimate: pixelSizeEstimate.nullable().default(null),
  watch: z.boolean(),
})
export type FolderPlan = z.infer<typeof folderPlan>

/** Of a run's plan as the casebook keeps it; null: the pixel size was stated, or belongs to a camera. */
export function estimateIn(plan: string): PixelSizeEstimate | null {
  const parsed = folderPlan.safeParse(JSON.parse(plan))
  return parsed.success ? parsed.data.pixelSizeEstimate : null
}
