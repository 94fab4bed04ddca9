import { z } from 'zod'
import { classCode, ofReading, procedure, runIdInput } from './base.ts'
import { areaPx, countedArea, counter, countingFrame, look, lookingAt, tallyPurpose } from './counted-areas.ts'
import { differential, differentialRow, interval } from './differential.ts'
import { rigSettings } from './rig-settings.ts'

/** live: through the camera, where the stage stands. slide: on the image of a run. none: in the eyepiece, at a place that nobody knows. */
export const tallyPlace = z.enum(['live', 'slide', 'none'])
export type TallyPlace = z.infer<typeof tallyPlace>

/** Cells that a person counted by hand, key by key; it may be gone on with at any time. */
export const sitting = z.object({
  sittingId: z.number().int(),
  caseId: z.number().int(),
  reader: z.string(),
  purpose: tallyPurpose,
  place: tallyPlace,
  /** Of a sitting at a slide's image; null: not of one. */
  runId: z.number().int().nullable(),
  /** null: the places are not known, see `noFrame`. */
  frame: countingFrame.omit({ mounting: true }).nullable(),
  /** Why the places are not known, in words; null: they are. */
  noFrame: z.string().nullable(),
  /** Counted cells at which it rings; null: it does not. */
  targetCells: z.number().int().nullable(),
  startedAt: z.string(),
  /** Of the newest cell, also of one taken back; null: none yet. */
  lastAt: z.string().nullable(),
  /** Every cell that stands. */
  cells: z.number().int(),
  /** Those in the denominator. */
  counted: z.number().int(),
  /** Places that cells were counted at. */
  views: z.number().int(),
})
export type Sitting = z.infer<typeof sitting>

/** Of cells counted by hand: as the machine's, without what only a model has. */
export const tallyDifferential = differential
  .pick({
    counted: true,
    excluded: true,
    erythroid: true,
    meRatio: true,
  })
  .extend({ rows: z.array(differentialRow.omit({ evidence: true })) }) // prettier-ignore
export type TallyDifferential = z.infer<typeof tallyDifferential>

const sittingIdInput = z.object({ sittingId: z.number().int().positive() })
const caseIdInput = z.object({ caseId: z.number().int().positive() })
const reader = z.string().trim().min(1).max(100)

export const sittingState = z.object({
  sitting,
  /** Cells that stand, by class; classes without any are left out. */
  counts: z.array(z.object({ class: classCode, count: z.number().int() })),
  differential: tallyDifferential,
})
export type SittingState = z.infer<typeof sittingState>

const shareOfCells = z.object({ count: z.number().int(), percent: z.number().nullable() }).extend({
  low: interval.shape.low.nullable(),
  high: interval.shape.high.nullable(),
})

/** Two differentials side by side. */
export const comparison = z.object({
  manual: z.object({ cells: z.number().int(), counted: z.number().int() }),
  machine: z.object({ cells: z.number().int(), counted: z.number().int() }),
  rows: z.array(
    z.object({
      class: classCode,
      manual: shareOfCells,
      machine: shareOfCells,
      /** Fisher's exact test, two-sided; null: one side counted nothing. */
      p: z.number().nullable(),
      /** Beyond chance: at 5 % for all classes together (Holm). */
      differs: z.boolean(),
    }),
  ),
})
export type Comparison = z.infer<typeof comparison>

export const caseCount = z.object({
  /** null: the places are not known. */
  frame: countingFrame.nullable(),
  /** What was put together: who, how many cells, and how many of them lay where another had counted before. */
  parts: z.array(
    z.object({
      by: z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('run'), runId: z.number().int() }),
        z.object({ kind: z.literal('sitting'), sittingId: z.number().int(), reader: z.string() }),
      ]),
      cells: z.number().int(),
      leftOut: z.number().int(),
    }),
  ),
  differential: tallyDifferential,
})
export type CaseCount = z.infer<typeof caseCount>

/**
 * Counting by hand. Every press is an event that stays, with the place that was looked at; taking one back is another. Machine and person
 * share one ledger of counted areas, so that an area already counted says so.
 */
export const tally = {
  /** Newest first. */
  list: procedure.input(caseIdInput).output(z.object({ sittings: z.array(sitting) })),
  /** Rejects `not-found`, and `invalid-input` for a slide's image without its run. A microscope has to be in hand for `live`. */
  start: procedure
    .input(
      caseIdInput.extend({
        reader,
        purpose: tallyPurpose.default('add'),
        place: tallyPlace,
        runId: z.number().int().positive().nullable().default(null),
        targetCells: z.number().int().positive().max(100_000).nullable().default(null),
      }),
    )
    .output(sittingState),
  get: procedure.input(sittingIdInput).output(sittingState),
  /**
   * Adds one cell where the person looks. Answers what the sitting comes to, and what had been counted there before. Rejects `device-failed` while
   * the stage moves or its position cannot be read, and `invalid-input` where the sitting was begun elsewhere: nothing is counted then.
   */
  count: procedure
    .input(sittingIdInput.extend({ class: classCode, at: lookingAt }))
    .output(sittingState.extend({ look })),
  /** Takes the newest cell that stands back, as an event of its own; null: there is none. */
  undo: procedure.input(sittingIdInput).output(sittingState.extend({ undone: classCode.nullable() })),
  /** What was counted already where the person looks, without touching anything; of a case, or as a sitting of it sees it. */
  look: procedure
    .input(
      caseIdInput.extend({
        sittingId: z.number().int().positive().nullable().default(null),
        /** Of the slide's image that is looked at. */
        runId: z.number().int().positive().nullable().default(null),
        at: lookingAt,
      }),
    )
    .output(look),
  /** The ledger of the case's slide, oldest first. */
  areas: procedure.input(caseIdInput).output(z.object({ areas: z.array(countedArea) })),
  /** What people counted on this run's slide, SlidePx; and what they counted that cannot be placed on it, in words. */
  onSlide: procedure.input(runIdInput).output(
    z.object({
      areas: z.array(z.object({ by: counter, area: areaPx, cells: z.number().int() })),
      problem: z.string().nullable(),
    }),
  ),
  /** What of the case a run with this rig would count again, in sentences; empty: nothing. */
  ahead: procedure.input(caseIdInput.extend({ rig: rigSettings })).output(z.object({ sentences: z.array(z.string()) })),
  /** Cells of a run that lie where others had counted before it, in sentences; empty: none. */
  ofRun: procedure.input(runIdInput).output(z.object({ sentences: z.array(z.string()) })),
  /** Machine and person put together: one count for each frame that can be. What each counted first counts. */
  ofCase: procedure.input(caseIdInput).output(z.object({ counts: z.array(caseCount), problem: z.string().nullable() })),
  /** A sitting against what a run's machine said. */
  compare: procedure.input(sittingIdInput.extend(runIdInput.shape).extend(ofReading)).output(
    z.object({
      sitting,
      runId: z.number().int(),
      /** In the areas both counted; null: there is none, see `problem`. */
      sameArea: comparison.nullable(),
      /** Views of the sitting that the run covers, of all. */
      views: z.object({ covered: z.number().int(), all: z.number().int() }),
      problem: z.string().nullable(),
      /** All that either counted. */
      whole: comparison,
    }),
  ),
  /** Says that the slide was taken off or moved: places from before and after are not compared. It stays on record. */
  slideMoved: procedure.input(caseIdInput.extend({ reader })).output(z.object({ mounting: z.number().int() })),
}
