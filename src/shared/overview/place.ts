import { z } from 'zod'
import { fieldSpread } from './spread.ts'

/** One exposure of an overview. */
export const overviewPlace = z.object({
  /** From 0, in the order they were taken. */
  index: z.number().int().min(0),
  /** Middle of the field and height of the objective, read back. */
  xUm: z.number(),
  yUm: z.number(),
  zUm: z.number(),
  spread: fieldSpread,
  /**
   * Fine detail over coarse detail in the image: the same over a smear that is in focus whatever lies in the field, and falling with the
   * distance from focus. null: nothing to see.
   */
  sharpness: z.number().nullable(),
})
export type OverviewPlace = z.infer<typeof overviewPlace>
