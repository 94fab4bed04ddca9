import { z } from 'zod'
import { cellClass } from '../taxonomy.ts'
import { classCode, ofReading, procedure, runIdInput } from './base.ts'

/** `hits` of `of` images. */
const measured = z.object({ hits: z.number().int(), of: z.number().int() })

export const candidate = z.object({
  cellId: z.number().int(),
  /** Of the class searched for, as the model gave it. */
  probability: z.number(),
  /** The current label; null: no model was there. */
  class: classCode.nullable(),
  /** The person who gave it; null: nobody has. */
  reader: z.string().nullable(),
  /** A person gave it a label, or signed that every candidate was looked at when it was one. */
  lookedAt: z.boolean(),
})
export type Candidate = z.infer<typeof candidate>

export const searchReview = z.object({
  reader: z.string(),
  at: z.string(),
  /** Candidates there were, and those of them that were of the class. */
  candidates: z.number().int(),
  found: z.number().int(),
  /** Cells counted until then. */
  counted: z.number().int(),
})
export type SearchReview = z.infer<typeof searchReview>

/**
 * none: there is no candidate. pending: some have not been looked at. reviewed: all have been, and none is of the class. found: a person
 * called some so, or left them called so.
 */
export const searchState = z.enum(['none', 'pending', 'reviewed', 'found'])

/** What a search for a rare class among a run's cells comes to. */
export const searchReport = z.object({
  runId: z.number().int(),
  class: classCode,
  /** What makes a cell a candidate: at least this probability of the class, or the model's name for it; null: its name alone. */
  atLeast: z.number().nullable(),
  /** Validation images of the class that are candidates by that; null: the model was never tried on such images of it. */
  recall: measured.nullable(),
  /** Exact one-sided 99.5 % lower limit of that share, 0-1: what the assurance goes by; null: as `recall`. */
  recallLow: z.number().nullable(),
  /** Images of other classes that are candidates too; null: not known. */
  others: measured.nullable(),
  /** Why nothing can be assured, in words; null: it can. */
  problem: z.string().nullable(),
  /** Cells in the denominator. */
  counted: z.number().int(),
  /** The most probable first. */
  candidates: z.array(candidate),
  /** Cells that would be candidates, did their fields count. */
  leftOut: z.number().int(),
  toLookAt: z.number().int(),
  /** Cells that a person called so, or looked at and left called so. */
  found: z.number().int(),
  state: searchState,
  /** If there is none: the most its share of the counted cells can be, percent, at 95 %; null: nothing can be said. */
  atMost: z.number().nullable(),
  /** Newest first. */
  reviews: z.array(searchReview),
})
export type SearchReport = z.infer<typeof searchReport>

const searched = runIdInput.extend({
  class: classCode.refine((code) => cellClass(code).counted, 'is a class in the denominator'),
  /** Of the cells of the class, at least this share is to be among the candidates, as far as validation images tell. */
  recall: z.number().gt(0).max(1).default(0.95),
  ...ofReading,
})

/** Rare cells: every cell that may be of a class, the likeliest first, and what it means that none is. */
export const search = {
  candidates: procedure.input(searched).output(searchReport),
  /**
   * Signs that every candidate there is has been looked at; `candidates` are those the person saw, so that none that came meanwhile is signed. Labels
   * stay as they are. Rejects `invalid-input` where one of them is no candidate.
   */
  sign: procedure
    .input(
      searched.extend({
        cellIds: z.array(z.number().int().positive()).min(1).max(100_000),
        reader: z.string().trim().min(1).max(100),
      }),
    )
    .output(searchReport),
}
