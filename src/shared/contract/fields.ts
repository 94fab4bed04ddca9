import { z } from 'zod'
import { procedure, runIdInput } from './base.ts'
import { leftOutReason } from './quality.ts'
import { field } from './slide.ts'

/** That a person left a field out or brought it back. */
export const fieldEvent = z.object({
  id: z.number().int(),
  /** Its index in the run. */
  field: z.number().int(),
  kind: z.enum(['leave-out', 'bring-back']),
  reader: z.string(),
  at: z.string(),
  /** Why it does not count, in a code and in words; null: it was brought back. */
  reason: leftOutReason.nullable(),
  words: z.string().nullable(),
  /** What the person said; null: nothing. */
  why: z.string().nullable(),
})
export type FieldEvent = z.infer<typeof fieldEvent>

const decision = runIdInput.extend({
  /** By their index. */
  fields: z.array(z.number().int().min(0)).min(1).max(100_000),
  reader: z.string().trim().min(1).max(100),
  why: z.string().trim().max(500).nullable().default(null),
})

/**
 * Which fields count. The gate leaves out a field when it is committed, with a reason (`slide.fields`); its cells are kept, only they do not count. What a
 * person decides is an event that stays; a field that is left out, or counts, already stays as it is. Both answer with the fields as they are
 * now, and reject `not-found` for a field that is not there.
 */
export const fields = {
  leaveOut: procedure.input(decision).output(z.object({ fields: z.array(field) })),
  bringBack: procedure.input(decision).output(z.object({ fields: z.array(field) })),
  /** Oldest first. */
  events: procedure.input(runIdInput).output(z.object({ events: z.array(fieldEvent) })),
}
