import { z } from 'zod'
import { procedure } from './base.ts'
import { rigFile } from './rig.ts'

/** Of a rig file in the data folder: its name there, without `.json`. */
export const rigId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,79}$/, 'small letters, digits and hyphens')

export const storedRig = z.object({
  rigId,
  /** Where the file lies. */
  path: z.string(),
  /** null: the file is not as it should be. */
  rig: rigFile.nullable(),
  /** What is wrong with the file; null: nothing. */
  problem: z.string().nullable(),
})
export type StoredRig = z.infer<typeof storedRig>

/** Rig files in the data folder: text that a person can read, change and share. */
export const rigs = {
  /** By name. */
  list: procedure.output(z.object({ folder: z.string(), rigs: z.array(storedRig) })),
  /** Reads a rig file's text as it would be read from the disk. Opens and moves nothing. */
  check: procedure.input(z.object({ text: z.string().max(100_000) })).output(
    z.object({
      /** null: it is not as it should be. */
      rig: rigFile.nullable(),
      /** What is wrong, place by place; empty: nothing. */
      problems: z.array(z.string()),
    }),
  ),
  /** Writes a rig file: the one named, or a new one. Rejects `invalid-input` where the driver's options do not fit, `data-unwritable`. */
  save: procedure.input(z.object({ rigId: rigId.nullable().default(null), rig: rigFile })).output(storedRig),
  /** Rejects `not-found`. Its text is answered, so that taking it back is saving it again. */
  remove: procedure.input(z.object({ rigId })).output(z.object({ removed: z.string() })),
}
