import { z } from 'zod'
import { cellClass } from '../taxonomy.ts'
import { classCode } from './base.ts'

const countedClass = classCode.refine((code) => cellClass(code).counted, 'is a class in the denominator')
/** Of the counted cells, percent; both ends are no thresholds. */
const threshold = z.number().gt(0).lt(100)

/** What a run may stop by. The whole area ends every run. */
export const stopRule = z.discriminatedUnion('kind', [
  /** So many counted cells. */
  z.object({ kind: z.literal('cells'), cells: z.number().int().positive() }),
  /** The share of these classes together is on one side of a threshold for sure, whatever the model's known mistakes. */
  z.object({ kind: z.literal('separation'), classes: z.array(countedClass).min(1), percent: threshold }),
  /** Cells enough to say, if none is found, that a class is at most so frequent. */
  z.object({ kind: z.literal('assurance'), class: countedClass, percent: threshold }),
  /** So much time spent scanning; pauses are none. */
  z.object({ kind: z.literal('time'), minutes: z.number().positive() }),
])
export type StopRule = z.infer<typeof stopRule>

/** A run stops when all rules of any of these alternatives are met; none: at the end of the region or folder. */
export const stopWhen = z.array(z.array(stopRule).min(1).max(8)).max(8)
export type StopWhen = z.infer<typeof stopWhen>

const side = z.enum(['below', 'above'])

/** Where a rule stands. */
export const ruleStanding = z.object({
  rule: stopRule,
  met: z.boolean(),
  /** Why it cannot be met, in words; null: it can, as far as is known. */
  problem: z.string().nullable(),
  /** Counted cells still needed, about; null: not known, or it is not cells that are needed. */
  cellsNeeded: z.number().int().nullable(),
  /** Of cells still needed: with eight in ten chances they lie between; null: as `cellsNeeded`, or beyond what can be foreseen. */
  cellsNeededLow: z.number().int().nullable(),
  cellsNeededHigh: z.number().int().nullable(),
  /** Seconds of scanning still needed; null: not a rule of time. */
  secondsNeeded: z.number().nullable(),
  /** Of a separation; null: another rule, or nothing is counted. */
  share: z
    .object({
      /** null: not clear of the threshold. */
      side: side.nullable(),
      /** Percent of the counted cells, corrected for the model's known mistakes, with limits that may be looked at any time. */
      percent: z.number(),
      low: z.number(),
      high: z.number(),
    })
    .nullable(),
  /** Of an assurance; null: another rule. */
  found: z
    .object({
      /** Cells that a person called so. */
      cells: z.number().int(),
      /** Percent, the most it can be where there is none; null: nothing can be said. */
      atMost: z.number().nullable(),
    })
    .nullable(),
})
export type RuleStanding = z.infer<typeof ruleStanding>
