import { z } from 'zod'

/** A folder of images, each a field: all a run needs to go on. Which files are done is known from its committed fields. */
export const folderPlan = z.object({
  kind: z.literal('folder'),
  /** Absolute. */
  images: z.string(),
  pixelSizeUm: z.number().positive(),
  watch: z.boolean(),
})
export type FolderPlan = z.infer<typeof folderPlan>
