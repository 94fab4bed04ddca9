import { z } from 'zod'
import { modelVariant } from './models.ts'

/** What one model said of a run's cells. A run has one by the model it was scanned with, and one more for each that read it again. */
export const reading = z.object({
  /** The model's number in this casebook: what `cells.list` and `runs.differential` take. */
  modelId: z.number().int(),
  name: z.string(),
  version: z.string(),
  sha256: z.string(),
  variant: modelVariant,
  /** The one the run was scanned with. */
  own: z.boolean(),
  /** Where the pixels came from: the camera's field, the pictures kept of the cells, or the images kept of the fields. */
  source: z.enum(['field', 'crop', 'slide']),
  /** Execution providers it ran on. */
  providers: z.array(z.string()),
  startedAt: z.string(),
  /** null: not every cell has been read, or of the run's own model: the run is not over. */
  finishedAt: z.string().nullable(),
  /** Cells it named. */
  cells: z.number().int(),
})
export type Reading = z.infer<typeof reading>

export const rereadEvent = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('working'),
    /** Cells so far and in all. */
    done: z.number().int(),
    of: z.number().int(),
    /** null: cannot be told yet. */
    secondsLeft: z.number().nullable(),
  }),
  z.object({
    state: z.literal('ready'),
    reading,
    /** Cells that both it and the run's own model named, and those they named alike. */
    agreement: z.object({ cells: z.number().int(), same: z.number().int() }),
  }),
])
export type RereadEvent = z.infer<typeof rereadEvent>
