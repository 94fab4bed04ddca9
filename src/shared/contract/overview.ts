import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { areaExpectation } from '../overview/expect.ts'
import { overviewPlace } from '../overview/place.ts'
import { stageRect } from './area.ts'
import { procedure } from './base.ts'
import { stageRigSettings } from './microscope.ts'

/** looking: places come. stopped: by hand; what it saw stays. interrupted: its process ended without a word. */
export const overviewState = z.enum(['looking', 'done', 'stopped', 'failed', 'interrupted'])

export const overviewSummary = z.object({
  overviewId: z.number().int(),
  /** null: it was made before there was a case. The first run that names it gives it one. */
  caseId: z.number().int().nullable(),
  rig: stageRigSettings,
  state: overviewState,
  failure: z.object({ code: z.string(), message: z.string(), remedy: z.string() }).nullable(),
  /** What it looks over. */
  extent: stageRect,
  /** From one place to the next. */
  pitchUm: z.number().positive(),
  /** Of the camera's pixels on the slide. */
  pixelSizeUm: z.number().positive(),
  /** What one field of a run counts: areas are whole numbers of these. */
  step: z.object({ widthUm: z.number().positive(), heightUm: z.number().positive() }),
  places: z.number().int(),
  /** In all, as far as is known. */
  plannedPlaces: z.number().int(),
  /** How long a place took and a search for focus, milliseconds; null: not known yet. */
  pace: z.object({ placeMs: z.number(), focusMs: z.number() }).nullable(),
  startedAt: z.string(),
  finishedAt: z.string().nullable(),
})
export type OverviewSummary = z.infer<typeof overviewSummary>

export const overviewEvent = z.object({
  overview: overviewSummary,
  activity: z.string(),
  /** null: cannot be told. */
  secondsLeft: z.number().nullable(),
  /** The places that came since the event before, from `after` on with the first. */
  places: z.array(overviewPlace),
})
export type OverviewEvent = z.infer<typeof overviewEvent>

export const proposedArea = z.object({
  /** 1: the best. */
  rank: z.number().int().positive(),
  /** One, or a few where no single one holds enough countable fields. */
  rects: z.array(stageRect),
  /** How good it is to count in, 0-1. */
  score: z.number(),
  expectation: areaExpectation,
  /** Why it has its place, a short sentence each. */
  reasons: z.array(z.string()),
})
export type ProposedArea = z.infer<typeof proposedArea>

const overviewIdInput = z.object({ overviewId: z.number().int().positive() })
const target = z.number().int().positive().nullable()

/**
 * A look over the smear before it is scanned: one exposure at each place of a coarse raster. One goes on at a time, and none while a run
 * has the microscope.
 */
export const overview = {
  /**
   * `extent` null: what the rig's file says, else all that the stage reaches. `pitchUm` null: chosen by the extent. Rejects `run-active`,
   * `device-failed`, `invalid-input` before anything is stored; what goes wrong later is its `failure`.
   */
  start: procedure
    .input(
      z.object({
        rig: stageRigSettings,
        extent: stageRect.nullable().default(null),
        pitchUm: z.number().min(50).max(20_000).nullable().default(null),
        caseId: z.number().int().positive().nullable().default(null),
      }),
    )
    .output(overviewSummary),
  /** Ends it; resolves when the objective is out of the way. What it saw stays. Rejects `run-not-active`. */
  abort: procedure.input(overviewIdInput).output(overviewSummary),
  get: procedure.input(overviewIdInput).output(z.object({ overview: overviewSummary, places: z.array(overviewPlace) })),
  /** Newest first. `caseId` null: of all cases, and of none. */
  list: procedure
    .input(z.object({ caseId: z.number().int().positive().nullable().default(null) }))
    .output(z.object({ overviews: z.array(overviewSummary) })),
  /** The state now with all places from `after` on, then what is new at each change, until it is over. */
  events: procedure
    .input(overviewIdInput.extend({ after: z.number().int().min(0).default(0) }))
    .output(eventIterator(overviewEvent)),
  /** Areas that hold so many cells, the best first; none: nothing that was looked at is countable. */
  propose: procedure
    .input(
      overviewIdInput.extend({
        targetCells: z.number().int().positive().default(500),
        excluded: z.array(stageRect).max(200).default([]),
        most: z.number().int().min(1).max(20).default(5),
      }),
    )
    .output(z.object({ areas: z.array(proposedArea) })),
  /** What a run over these rectangles will find; null: nothing is known of them, or everything is excluded. */
  expect: procedure
    .input(
      overviewIdInput.extend({
        rects: z.array(stageRect).min(1).max(40),
        excluded: z.array(stageRect).max(200).default([]),
        targetCells: target.default(null),
      }),
    )
    .output(z.object({ expectation: areaExpectation.nullable(), reasons: z.array(z.string()) })),
}
