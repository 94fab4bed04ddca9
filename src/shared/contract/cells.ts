import { z } from 'zod'
import { classCode, ofReading, procedure, runIdInput } from './base.ts'
import { leftOutReason } from './quality.ts'

export const cell = z.object({
  id: z.number().int(),
  /** Index of the field in its run, from 0. */
  field: z.number().int(),
  /** File name where the rig is a folder; null otherwise. */
  image: z.string().nullable(),
  /** Centre and size of the box in the field's image, pixels. */
  xPx: z.number(),
  yPx: z.number(),
  widthPx: z.number(),
  heightPx: z.number(),
  /** Centre on the slide, SlidePx. */
  slideX: z.number(),
  slideY: z.number(),
  /** The detector's score, 0-1. */
  score: z.number(),
  /** The current label: a person's where there is one, else the machine's; null: no model was there. */
  class: classCode.nullable(),
  /** What the machine said, and how sure it was; null: no model was there. */
  machineClass: classCode.nullable(),
  probability: z.number().nullable(),
  /** The machine's three most probable classes, best first. */
  alternatives: z.array(z.object({ class: classCode, probability: z.number() })),
  /** The person who gave the current label; null: nobody has. */
  reader: z.string().nullable(),
  /** The machine's probability is under its model's limit and no person has said; false where the model states no limit. */
  unsure: z.boolean(),
  /** Unlike what the model was trained on; null: the model cannot tell. */
  unfamiliar: z.boolean().nullable(),
  /** Why it does not count: its field is left out; null: that counts. */
  leftOut: leftOutReason.nullable(),
  revision: z.number().int(),
})
export type Cell = z.infer<typeof cell>

/** In the run's truth (simulated rigs): same shape, no machine. */
export const truthCell = cell.pick({
  id: true,
  field: true,
  image: true,
  xPx: true,
  yPx: true,
  widthPx: true,
  heightPx: true,
  slideX: true,
  slideY: true,
  class: true,
}) // prettier-ignore
export type TruthCellRow = z.infer<typeof truthCell>

const cellIds = z.object({ cellIds: z.array(z.number().int().positive()).min(1).max(5000) })

export const cells = {
  /** Every cell of the run, in the order of its fields, as one of its models read them. */
  list: procedure.input(runIdInput.extend(ofReading)).output(z.object({ cells: z.array(cell) })),
  /** Cells newer than a revision, oldest first; ask again while `more`. */
  changes: procedure
    .input(
      runIdInput.extend({
        after: z.number().int().min(0),
        limit: z.number().int().min(1).max(5000).default(2000),
        ...ofReading,
      }),
    )
    .output(z.object({ cells: z.array(cell), revision: z.number().int(), more: z.boolean() })),
  /** Gives cells a label; each change is an event that stays. */
  relabel: procedure
    .input(
      cellIds.extend({
        class: classCode,
        reader: z.string().trim().min(1).max(100),
        why: z.string().max(500).nullable().default(null),
      }),
    )
    .output(z.object({ cells: z.array(cell) })),
  /** Takes each cell's newest label back, as an event of its own. */
  undo: procedure
    .input(cellIds.extend({ reader: z.string().trim().min(1).max(100) }))
    .output(z.object({ cells: z.array(cell) })),
  /** Every truth cell in the area the run's fields own; rejects `no-truth` unless the rig was simulated. */
  truth: procedure.input(runIdInput).output(z.object({ cells: z.array(truthCell) })),
}
