import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { scanArea, scanOrder } from './area.ts'
import { classCode, ofReading, procedure, runIdInput } from './base.ts'
import { modelVariant } from './models.ts'
import { pixelSizeChoice } from './pixel-size.ts'
import { runFlag } from './quality.ts'
import { objectiveName, rigFile } from './rig.ts'
import { ruleStanding, stopWhen } from './stopping.ts'

export const simulatedRig = z.object({
  kind: z.literal('simulated'),
  profile: z.enum(['normal', 'aml', 'myeloma', 'cll', 'eosinophilia', 'needle']).default('normal'),
  seed: z.number().int().min(0).default(1),
  /** 1: motion and exposure take real time; 10: a tenth of it. */
  timeScale: z.number().positive().max(1000).default(1),
  /**
   * null: a microscope that knows its camera. A number: one put together at random by that seed (camera turned, mirrored, skewed; backlash;
   * an uneven lamp), of which nothing is known but what is calibrated.
   */
  mount: z.number().int().min(0).nullable().default(null),
  /** good: what it reads back is right to 0.4 um. worn: 3 um of backlash, and off by 5 um rms in x and in y, which it does not know. */
  stage: z.enum(['good', 'worn']).default('good'),
  objective: objectiveName.nullable().default(null),
})

export const folderRig = z.object({
  kind: z.literal('folder'),
  /** Folder with one image a field of view (JPEG, PNG, TIFF). */
  images: z.string().min(1),
  /** Micrometres a pixel; auto: estimated from the images that are there when the run starts, and kept. What it was: `slide.info`. */
  pixelSizeUm: pixelSizeChoice,
  /** Keep waiting for new files until stopped; false: ends once no file is left. */
  watch: z.boolean().default(false),
})

/** A microscope as its rig file describes it. The description is kept with the run, so that it resumes with the same one. */
export const microscopeRig = z.object({
  kind: z.literal('microscope'),
  rig: rigFile,
  /** null: it has but one, or nobody said which. */
  objective: objectiveName.nullable().default(null),
})

export const rigSettings = z.discriminatedUnion('kind', [simulatedRig, folderRig, microscopeRig])
export type RigSettings = z.infer<typeof rigSettings>

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
  /** Stage position read back; null: rig without a stage. */
  stage: z.object({ xUm: z.number(), yUm: z.number(), zUm: z.number() }).nullable(),
  /** Sequence of the newest live frame, see GET /live.jpg; null: none yet. */
  liveFrame: z.number().int().nullable(),
})
export type RunEvent = z.infer<typeof runEvent>

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
