import { z } from 'zod'

const share = z.number().min(0).max(1)

/**
 * How a smear is spread at one place, as one field of view shows it. Shares of areas are 0-1. Nothing in it depends on how strongly a laboratory
 * stains; `groundLevel` depends on the light, and is compared between fields of one smear only.
 */
export const fieldSpread = z.object({
  /** Of the field: bare glass or dried plasma, neither cell nor red cell. */
  groundShare: share,
  /** How bright that is, green, 0-255, where the light falls in the middle of the field; null: hardly any ground in it. */
  groundLevel: z.number().nullable(),
  /** Of the field: what is stained and has no nucleus, which is red cells but for platelets and debris. */
  redShare: share,
  /** Of those, by area: whole round discs that lie singly, neither over nor under another; null: hardly any red cells. */
  singleShare: share.nullable(),
  /** Nucleated cells whose middle lies at least 10 um inside the field. */
  cells: z.number().int().min(0),
  /** The same over that area; null: the field is too small to have one. */
  cellsPerMm2: z.number().min(0).nullable(),
  /** Of the field: nucleated cells. */
  cellShare: share,
  /** Of `cells`: those whose bodies touch another nucleated cell's; null: no cells. */
  touchingShare: share.nullable(),
})
export type FieldSpread = z.infer<typeof fieldSpread>
