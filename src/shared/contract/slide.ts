import { z } from 'zod'
import { procedure, runIdInput } from './base.ts'
import { pixelSizeEstimate } from './pixel-size.ts'
import { fieldFocus, fieldQuality, leftOut } from './quality.ts'

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
  /** How it came to its focus where its first exposure was blurred; null: it was not, or there is no stage. */
  focus: fieldFocus.nullable(),
  /** Why its cells do not count; null: they do. */
  leftOut: leftOut.nullable(),
  /**
   * How its place was told when it was committed; null: no stage, or from before fields were placed. compared: earlier fields it overlaps;
   * matched: those whose images told how it lies to them, 0 of some: it was placed by the stage alone; score: the lowest of these (`stitch`),
   * null: none.
   */
  stitch: z.object({ compared: z.number().int(), matched: z.number().int(), score: z.number().nullable() }).nullable(),
  cells: z.number().int(),
  revision: z.number().int(),
})
export type Field = z.infer<typeof field>

/** A field made small, to be shown until its tiles are there. */
export const fieldPictureTold = z.object({
  index: z.number().int(),
  /** Base64. May go on beyond the size below, to the right and downwards. */
  jpeg: z.string(),
  /** Pixels of it that show the field: 256 along the longer side, or half as many to that. */
  widthPx: z.number().int(),
  heightPx: z.number().int(),
})
export type FieldPictureTold = z.infer<typeof fieldPictureTold>

/**
 * Two fields that overlap, as compared when the later one was committed. The score is the correlation of their details of half to two
 * micrometres once the one is moved onto the other: 1 the same but for noise, below 0.4 not told apart from chance.
 */
export const stitch = z.object({
  /** Index of the earlier field, and of the later one. */
  from: z.number().int(),
  to: z.number().int(),
  score: z.number(),
  /** Place of `to` less place of `from` as the images say, SlidePx; null: they say nothing. */
  offset: z.object({ xPx: z.number(), yPx: z.number() }).nullable(),
  /** Standard error of the offset along each axis, pixels; null: no offset. */
  errorPx: z.number().nullable(),
  /** There is plenty to see where they should overlap, and it is nowhere in reach the same: at least one of them lies elsewhere. */
  unlike: z.boolean(),
  /** How far the places in force are from that offset, pixels: what a seam shows; null: no offset. */
  offPx: z.number().nullable(),
})
export type Stitch = z.infer<typeof stitch>

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
  /** Of the fields with an index above `after` (-1: all), each with the earlier ones it overlaps. */
  stitches: procedure
    .input(runIdInput.extend({ after: z.number().int().min(-1).default(-1) }))
    .output(z.object({ stitches: z.array(stitch) })),
}
