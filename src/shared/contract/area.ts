import { z } from 'zod'

/** A rectangle on the stage's own axes, micrometres. */
export const stageRect = z.object({
  xUm: z.number(),
  yUm: z.number(),
  widthUm: z.number().positive(),
  heightUm: z.number().positive(),
})
export type StageRect = z.infer<typeof stageRect>

/** What a run visits. The first rectangle is the best of them: it is scanned first. */
export const scanArea = z.object({
  /** The overview it was chosen on; null: on none. */
  overviewId: z.number().int().positive().nullable().default(null),
  rects: z.array(stageRect).min(1).max(40),
  /** Fields that reach into one of these are left out. */
  excluded: z.array(stageRect).max(200).default([]),
})
export type ScanArea = z.infer<typeof scanArea>

/**
 * serpentine: row by row, in bands of a few columns. nearest: from where the objective stands, if that is in the area, else from the
 * middle of its best rectangle, always on to the nearest field that is left.
 */
export const SCAN_ORDERS = ['serpentine', 'nearest'] as const
export const scanOrder = z.enum(SCAN_ORDERS)
export type ScanOrder = z.infer<typeof scanOrder>
