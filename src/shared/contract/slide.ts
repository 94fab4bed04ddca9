import { z } from 'zod'
import { procedure, runIdInput } from './base.ts'
import { pixelSizeEstimate } from './pixel-size.ts'
import { fieldQuality, leftOut } from './quality.ts'

export const field = z.object({
  index: z.number().int(),
  /** Upper left corner, where it lies now (a run may place its fields anew, which gives them a new revision), and size: SlidePx. */
  slideX: z.number(),
  slideY: z.number(),
  widthPx: z.number().int(),
  heightPx: z.number().int(),
  /** The part whose cells the field counts, SlidePx. */
  owned: z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() }),
  /** Stage position read back; null: rig without a stage. */
  stage: z.object({ xUm: z.number(), yUm: z.number(), zUm: z.number() }).nullable(),
  image: z.string().nullable(),
  /** Sharpness, comparable between fields of one run: see `focusScore`. null: committed before it was kept. */
  focusScore: z.number().nullable(),
  /** What the gate went by; null: committed before it was measured. */
  quality: fieldQuality.nullable(),
  /** Why its cells do not count; null: they do. */
  leftOut: leftOut.nullable(),
  cells: z.number().int(),
  revision: z.number().int(),
})
export type Field = z.infer<typeof field>

export const slideInfo = z.object({
  runId: z.number().int(),
  /** Of the full resolution image; a folder's slide may be larger than what is filled. */
  widthPx: z.number().int(),
  heightPx: z.number().int(),
  pixelSizeUm: z.number(),
  /** null: the pixel size was stated, or calibrated. */
  pixelSizeEstimate: pixelSizeEstimate.nullable(),
  tileSizePx: z.number().int(),
  /** Levels of the pyramid: level 0 is one pixel wide or high, `levels - 1` full resolution (Deep Zoom numbering). */
  levels: z.number().int(),
  /** Lowest level there are tiles of: the first that fits one. */
  lowestLevel: z.number().int(),
})
export type SlideInfo = z.infer<typeof slideInfo>

/**
 * Tiles: GET /tiles/RUN/LEVEL/X_Y.jpg, drawn from the fields that lie there now (404: none). Crops: GET /crops/CELL.jpg. Newest frame:
 * GET /live.jpg. All take ?v=ANYTHING, so that a changed tile can be asked for under a new address, and is then kept by the asker.
 */
export const slide = {
  info: procedure.input(runIdInput).output(slideInfo),
  fields: procedure
    .input(runIdInput.extend({ after: z.number().int().min(0).default(0) }))
    .output(z.object({ fields: z.array(field), revision: z.number().int() })),
}
