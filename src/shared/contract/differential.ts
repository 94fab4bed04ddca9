import { z } from 'zod'
import { classCode } from './base.ts'

export const interval = z.object({ low: z.number(), high: z.number() })

export const differentialRow = z.object({
  class: classCode,
  count: z.number().int(),
  /** Percent of the denominator with exact (Clopper-Pearson) 95 % interval; corrected: see docs/decisions. null: nothing counted yet. */
  percent: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  /** Reference range, percent. */
  reference: interval.nullable(),
  /** What the model knows of the class: from real images, only from rendered ones, or nothing. */
  evidence: z.enum(['real', 'rendered', 'none']),
})
export type DifferentialRow = z.infer<typeof differentialRow>

/**
 * machine: what the model said. reviewed: a person's label where there is one, else the machine's. corrected: as reviewed, with the
 * shares of the cells nobody read corrected for what the model is known to mistake for what.
 */
export const differentialView = z.enum(['machine', 'reviewed', 'corrected'])
export type DifferentialView = z.infer<typeof differentialView>

/** What the corrected view did. */
export const correction = z.object({
  /** Why nothing is corrected, in words; null: it is. */
  problem: z.string().nullable(),
  /** What was gone by: how often the model named each class what on validation images, and the probabilities it gave each cell. */
  through: z.array(z.enum(['confusion', 'probabilities'])),
  /** Cells expected in the denominator; null: nothing is corrected. */
  counted: z.number().nullable(),
  /** Cells a person read: they are as that person said. */
  read: z.number().int(),
  /** Classes whose cells are counted as the model named them: it was never tried on images like these of that class. */
  uncorrected: z.array(classCode),
})
export type Correction = z.infer<typeof correction>

const unsureCells = z.object({
  /** At most this share of the other cells is named wrongly, on validation images. */
  errorRate: z.number(),
  /** Unsure: the probability is below this. */
  below: z.number(),
  cells: z.number().int(),
})

/** Cells the model itself has doubts about. */
export const doubt = z.object({
  /** Nobody has read them; null: the model states no limit. */
  unsure: unsureCells.nullable(),
  /** The same at the other error rates the model states limits for. */
  atOtherRates: z.array(unsureCells),
  /** Unlike what the model was trained on, read or not; null: the model cannot tell. */
  unfamiliar: z.number().int().nullable(),
})
export type Doubt = z.infer<typeof doubt>

export const differential = z.object({
  runId: z.number().int(),
  view: differentialView,
  /** The denominator. */
  counted: z.number().int(),
  targetCells: z.number().int().nullable(),
  rows: z.array(differentialRow),
  /** Left out of the denominator, and why. */
  excluded: z.array(z.object({ class: classCode, count: z.number().int(), reason: z.string() })),
  /** Found, but no model named them. */
  unclassified: z.number().int(),
  /** Fields left out, and the cells in them: in none of the numbers here. */
  leftOut: z.object({ fields: z.number().int(), cells: z.number().int() }),
  /** Labels a person gave. */
  relabelled: z.number().int(),
  /** null: not the corrected view. In it, counts are those of the reviewed view; percentages, limits and the M:E ratio are corrected. */
  correction: correction.nullable(),
  doubt,
  /** Erythroid cells together (PEB + EBO). */
  erythroid: differentialRow.omit({ class: true, evidence: true }),
  /** Myeloid over nucleated erythroid cells; value null: no erythroid cell yet; high null: unbounded. */
  meRatio: z.object({
    value: z.number().nullable(),
    low: z.number().nullable(),
    high: z.number().nullable(),
    myeloid: z.number().int(),
    erythroid: z.number().int(),
    reference: interval,
  }),
})
export type Differential = z.infer<typeof differential>
