import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { scanArea, scanOrder } from './area.ts'
import { ofReading, procedure, runIdInput } from './base.ts'
import { differential, differentialView } from './differential.ts'
import { modelVariant } from './models.ts'
import { runFlag } from './quality.ts'
import { reading, rereadEvent } from './readings.ts'
import { rigSettings } from './rig-settings.ts'
import { field, fieldPictureTold } from './slide.ts'
import { ruleStanding, stopWhen } from './stopping.ts'

export const startRun = z.object({
  rig: rigSettings,
  /** Counted cells at which the run stops; null: no such number. */
  targetCells: z.number().int().positive().nullable().default(null),
  /** What else ends it, whichever is met first; with neither: the end of the region or folder. */
  stopWhen: stopWhen.default([]),
  /** null: a case is made for the run. */
  caseId: z.number().int().positive().nullable().default(null),
  /** What to visit; null: the area the rig names, or all of a folder. */
  area: scanArea.nullable().default(null),
  order: scanOrder.default('serpentine'),
})
export type StartRun = z.infer<typeof startRun>

/** Another end for a run that goes on. */
export const stopRequest = startRun.pick({ targetCells: true, stopWhen: true })

/**
 * scanning: fields arrive. paused: by hand, or while something is in the way, see `obstacle` of its events. finished: a stop rule or a person ended it. failed: stopped by an error, can be resumed.
 * interrupted: its process ended without a word (killed, power loss), can be resumed.
 */
export const runState = z.enum(['scanning', 'paused', 'finished', 'failed', 'interrupted'])
export type RunState = z.infer<typeof runState>

/** cells: target reached. rule: what else it was to stop by, see `stoppedBy`. region: nothing left to scan. user: by hand. */
export const stopReason = z.enum(['cells', 'rule', 'region', 'user'])
export type StopReason = z.infer<typeof stopReason>

/** An error as it is told and kept: its code, what it means, what to do. */
const problem = z.object({ code: z.string(), message: z.string(), remedy: z.string() })

/** How far the slide lies from where it lay when the run began, on the stage's axes, micrometres; measured by the images when it was resumed. */
export const slideShift = z.object({ xUm: z.number(), yUm: z.number(), zUm: z.number() })
export type SlideShift = z.infer<typeof slideShift>

export const runSummary = z.object({
  runId: z.number().int(),
  caseId: z.number().int(),
  rig: rigSettings,
  state: runState,
  /** null while it is not finished. */
  stopped: stopReason.nullable(),
  /** The rules that ended it, as they stood then; null: it was not ended by rules. */
  stoppedBy: z.array(ruleStanding).nullable(),
  /** What went wrong when `failed`, and what to do; null otherwise. */
  failure: problem.nullable(),
  targetCells: z.number().int().nullable(),
  /** What else ends it. */
  stopWhen,
  /** What it was told to visit; null: the area the rig names, or all of a folder. */
  area: scanArea.nullable(),
  order: scanOrder,
  /** Time spent scanning until its newest field, without pauses. */
  scanningSeconds: z.number(),
  /** Of that, until its first field; null: there is none yet, or it was not kept. */
  firstFieldSeconds: z.number().nullable(),
  fields: z.number().int(),
  /** Planned fields; null: not known (a watched folder). */
  plannedFields: z.number().int().nullable(),
  /** Fields that do not count, see `slide.fields`. */
  fieldsLeftOut: z.number().int(),
  /** Drift of light or stain in the course of the run, as it was told. */
  flags: z.array(runFlag),
  /** By how much places are corrected; null: nothing was, or there is no stage. */
  slideShift: slideShift.nullable(),
  /** Every cell found, also in fields that do not count. */
  cells: z.number().int(),
  /** Those of them in fields that do not count. */
  cellsLeftOut: z.number().int(),
  /** Cells in the denominator. */
  counted: z.number().int(),
  startedAt: z.string(),
  finishedAt: z.string().nullable(),
  /** Package name and version of the model; null: no model, cells stay unnamed. */
  model: z.string().nullable(),
  /** The graph of that package which names the cells, and the execution providers it has run on; null: no model. */
  graph: z.object({ sha256: z.string(), variant: modelVariant, providers: z.array(z.string()) }).nullable(),
})
export type RunSummary = z.infer<typeof runSummary>

/** What the window shows while a run goes on. Coalesced: at most ten a second, the newest state each time. */
export const runEvent = z.object({
  run: runSummary,
  /** Seconds; null: cannot be told yet. */
  secondsLeft: z.number().nullable(),
  /** Why it is paused though nobody asked for it (a disk nearly full): it goes on by itself once that is gone. null: nothing is in the way. */
  obstacle: problem.nullable(),
  /** What the runner does now, in words, e.g. "moving", "waiting for stage", "classifying". */
  activity: z.string(),
  /** Highest revision among the run's cells and fields: ask `cells.changes` for what is newer than yours. */
  revision: z.number().int(),
  /**
   * All fields with a revision above `after`, by index, so that who has those up to it need not ask `slide.fields`; who has not, does. `after` is the highest
   * revision of a field when the event before was told; now, where it is the first event or more than a handful changed (`changed` is empty then). `pictures`
   * are of those of them that were just committed, each told once.
   */
  fields: z.object({ after: z.number().int(), changed: z.array(field), pictures: z.array(fieldPictureTold) }),
  /** Stage position read back; null: rig without a stage. */
  stage: z.object({ xUm: z.number(), yUm: z.number(), zUm: z.number() }).nullable(),
  /** Sequence of the newest live frame, see GET /live.jpg; null: none yet. */
  liveFrame: z.number().int().nullable(),
})
export type RunEvent = z.infer<typeof runEvent>

export const runs = {
  start: procedure.input(startRun).output(runSummary),
  pause: procedure.input(runIdInput).output(runSummary),
  /**
   * Of a paused, failed or interrupted run: the same run, the same settings. `stop`: what it stops by from now on; null: as before. With it, a
   * finished run goes on too, unless nothing is left to scan. Before it goes on the last field is exposed again: the run fails with `slide-changed` where it
   * does not look as it did, unless `anyway`. Rejects `run-not-active`.
   */
  resume: procedure
    .input(runIdInput.extend({ stop: stopRequest.nullable().default(null), anyway: z.boolean().default(false) }))
    .output(runSummary),
  /** Where each rule of the run stands, by alternative, and what it still needs; empty: it has none. */
  stopping: procedure.input(runIdInput).output(z.object({ alternatives: z.array(z.array(ruleStanding)) })),
  /** Ends the run once the fields in work are committed. */
  stop: procedure.input(runIdInput).output(runSummary),
  get: procedure.input(runIdInput).output(runSummary),
  differential: procedure
    .input(runIdInput.extend({ view: differentialView.default('reviewed'), ...ofReading }))
    .output(differential),
  /** Every model that read the run's cells, its own first. */
  readings: procedure.input(runIdInput).output(z.object({ readings: z.array(reading) })),
  /**
   * Reads the run's cells with another model: how far it is, then the reading. What was said before stays beside it. Aborting stops it;
   * asked again, it goes on where it stopped. `model`: NAME[@VERSION]; null: the one in use.
   */
  reread: procedure
    .input(
      runIdInput.extend({
        model: z.string().min(1).max(200).nullable().default(null),
        variant: modelVariant.nullable().default(null),
      }),
    )
    .output(eventIterator(rereadEvent)),
  /** The state now, then each change, until the run is over (finished, failed). */
  events: procedure.input(runIdInput).output(eventIterator(runEvent)),
}
