import type { Calibration, CalibrationResult } from '../../shared/contract/calibration.ts'
import type { CaseSummary } from '../../shared/contract/cases.ts'
import type { Cell } from '../../shared/contract/cells.ts'
import type { FieldEvent } from '../../shared/contract/fields.ts'
import type { ModelInfo } from '../../shared/contract/models.ts'
import type { OverviewSummary } from '../../shared/contract/overview.ts'
import type { LeftOutReason, RunFlag } from '../../shared/contract/quality.ts'
import type { Reading } from '../../shared/contract/readings.ts'
import type { RunState, RunSummary, StartRun, StopReason } from '../../shared/contract/runs.ts'
import type { SearchReview } from '../../shared/contract/search.ts'
import type { Field, Stitch } from '../../shared/contract/slide.ts'
import type { RuleStanding } from '../../shared/contract/stopping.ts'
import type { OverviewPlace } from '../../shared/overview/place.ts'
import type { SearchedCell } from '../../shared/search/report.ts'
import type { TallyRow } from '../../shared/stopping/cell-tally.ts'
import type { StopRequest } from '../../shared/stopping/rules.ts'
import type { ClassCode } from '../../shared/taxonomy.ts'
import type { TallyBook } from './tally-book.ts'

/** What a model said of one cell. */
export interface Said {
  /** By class of the model, in its order. */
  readonly probabilities: Float32Array
  /** null: the model gives none. Kept as float16. */
  readonly embedding: Float32Array | null
  /** null: the model cannot tell. */
  readonly unfamiliarity: number | null
}

/** The model a reading is made with. */
export interface ReadingModel {
  readonly info: ModelInfo
  /** The execution provider it runs on. */
  readonly provider: string
}

/** Where a cell lies in its field. */
export interface CellPlace {
  readonly cellId: number
  readonly field: number
  readonly xPx: number
  readonly yPx: number
}

/** A cell of a field about to be committed. */
export interface NewCell {
  readonly xPx: number
  readonly yPx: number
  readonly widthPx: number
  readonly heightPx: number
  readonly slideX: number
  readonly slideY: number
  readonly score: number
  readonly cropJpeg: Uint8Array
  /** By the run's model; null: no model. */
  readonly said: Said | null
}

/** A place, slide pixels, parts of a pixel kept. */
export interface ExactPlace {
  readonly xPx: number
  readonly yPx: number
}

/** How a field was placed: its place, and what comparing it with earlier fields said. */
export interface NewPlacing extends ExactPlace {
  readonly stitches: readonly Pick<Stitch, 'from' | 'offset' | 'errorPx' | 'score' | 'unlike'>[]
}

/** All places of a run, worked out anew. */
export interface SolvedPlaces {
  readonly places: readonly (ExactPlace & {
    readonly index: number
    readonly slideX: number
    readonly slideY: number
  })[]
  /** JSON. */
  readonly stageError: string
}

export interface NewField {
  readonly runId: number
  /** `leftOut`: why the gate leaves it out. */
  readonly field: Omit<Field, 'cells' | 'revision' | 'stitch'>
  /** null: no stage. */
  readonly placing: NewPlacing | null
  readonly cells: readonly NewCell[]
  /** What is sure about the run from this field on, see `RunFlag`; absent: nothing new. */
  readonly flags?: readonly RunFlag[]
  /** Time the run has spent scanning until now, ms; null: not known, what is on record stays. */
  readonly scanningMs: number | null
}

export interface NewSearchReview {
  readonly runId: number
  /** Whose candidates; null: those of the run's own model. */
  readonly modelId: number | null
  readonly class: ClassCode
  readonly atLeast: number | null
  readonly reader: string
  readonly counted: number
  readonly cellIds: readonly number[]
  readonly found: number
}

/** JSON of a focus map (see microscope/focus). */
export type FocusMapJson = string

export interface NewOverview
  extends Pick<OverviewSummary, 'caseId' | 'rig' | 'extent' | 'pitchUm' | 'pixelSizeUm' | 'step' | 'plannedPlaces'> {}

/** How the run sees its slide; fixed when it starts, so that a resumed run goes on in the same frame. */
export interface RunPlan {
  /** JSON of the scan plan (see scan/). */
  readonly plan: string
  readonly plannedFields: number | null
  readonly slideWidthPx: number
  readonly slideHeightPx: number
  readonly pixelSizeUm: number
}

export interface NewRun extends Omit<StartRun, 'area' | 'order'>, Partial<Pick<StartRun, 'area' | 'order'>>, RunPlan {
  readonly caseId: number
  /** null: no model. */
  readonly model: ReadingModel | null
}

/**
 * The database of cases, runs, fields and cells: `casebook.sqlite` in the data folder. Synchronous; every write is one transaction.
 * Opening rejects `casebook-newer`, `casebook-damaged`, `casebook-locked`, `data-unwritable`. Writes may throw `disk-full`,
 * `casebook-locked`; nothing of a failed write stays.
 */
export interface Casebook extends TallyBook {
  /** Newest first. */
  listCases(): CaseSummary[]
  /** Throws `invalid-input` where the accession is taken. */
  createCase(newCase: Omit<CaseSummary, 'caseId' | 'createdAt' | 'runs'>): CaseSummary
  /** Scanning, on the case's slide. Throws `not-found` (case). */
  createRun(run: NewRun): RunSummary
  /** Throws `not-found`. */
  run(runId: number): RunSummary
  runPlan(runId: number): RunPlan
  /** What the run's model said of itself when the run was made; null: no model, or a run from before this was kept. */
  runModel(runId: number): ModelInfo | null
  /** What one of the models that read the run said of itself. Throws `not-found` where it did not read it. */
  readingModel(runId: number, modelId: number): ModelInfo | null
  /** Every model that read the run, the run's own first, then by when it began. */
  readings(runId: number): Reading[]
  /**
   * Begins to read a run's cells with a model, or goes on where one was broken off: the limits in force stay those it began with.
   * Returns the model's number. Throws `not-found`.
   */
  beginReading(runId: number, model: ReadingModel, source: Reading['source']): number
  /** Cells the model has not named yet, in the order of the fields. */
  cellsToRead(runId: number, modelId: number): CellPlace[]
  /** All or none. */
  addPredictions(modelId: number, said: readonly (Said & { readonly cellId: number })[]): void
  /** Cells that both the run's own model and another named, and those they named alike. */
  agreement(runId: number, modelId: number): { readonly cells: number; readonly same: number }
  /** Every cell there is has been read. */
  endReading(runId: number, modelId: number): void
  /** A run that goes on may do so on another execution provider. */
  addProvider(runId: number, provider: string): void
  /** What the run stops by from now on. */
  setStop(runId: number, stop: StopRequest): void
  /** Replaces the plan's JSON, e.g. once the focus of the slide is known. */
  setRunPlan(runId: number, plan: string): void
  /** `finished` has to say why it `stopped` (`rule`: by which), `failed` what the `failure` was; no other state has either. */
  setRunState(
    runId: number,
    state: RunState,
    detail?: {
      stopped?: StopReason
      stoppedBy?: readonly RuleStanding[]
      failure?: RunSummary['failure']
      plannedFields?: number
    },
  ): RunSummary
  /** Runs and overviews that a vanished process left become interrupted. Call only while holding the bench lock. */
  markInterrupted(): number
  /**
   * The field, its cells, their crops and predictions, together or not at all. Returns the run's new revision.
   * Throws `invalid-input` where the run has a field of that index already.
   */
  commitField(field: NewField): number
  /** Fields with a revision above `after` (0), by index; at most so many, where that is said. */
  fields(runId: number, after?: number, most?: number): Field[]
  /** Highest revision among the run's fields; 0: none. */
  fieldsRevision(runId: number): number
  /**
   * Fields whose cells no longer count from now on, one event each, all or none; those that do not count already stay as they are. Returns the fields as they
   * are now. Throws `not-found`.
   */
  leaveOutFields(runId: number, indices: readonly number[], reader: string, why: string | null): Field[]
  /** The other way round, whoever left them out. */
  bringBackFields(runId: number, indices: readonly number[], reader: string, why: string | null): Field[]
  /** What people decided of the run's fields, oldest first. */
  fieldEvents(runId: number): FieldEvent[]
  /** Why the gate left out fields when they were committed, by index, whatever people decided since. */
  gateReasons(runId: number): ReadonlyMap<number, LeftOutReason>
  /** Exact places of the fields that have one, by index. */
  exactPlaces(runId: number): (ExactPlace & { readonly index: number })[]
  /** See `slide.stitches`; by `to`, then `from`. */
  stitches(runId: number, after?: number): Stitch[]
  /** What was learned of the stage when places were last solved, JSON, and from how many fields; null: never yet. */
  stageError(runId: number): { readonly fields: number; readonly model: string } | null
  /**
   * Places in force from now on, with what was learned of the stage, all or none. A field whose whole-pixel place changes takes what it owns and
   * its cells along, and they get new revisions.
   */
  movePlaces(runId: number, solved: SolvedPlaces): void
  /** In the order of the fields, as the run's own model read them, or another (null: its own). */
  cells(runId: number, modelId?: number | null): Cell[]
  /** Cells with a revision above `after`, by revision. */
  changedCells(runId: number, after: number, limit: number, modelId?: number | null): Cell[]
  /** Highest revision among the run's cells and fields; 0: none. */
  revision(runId: number): number
  /** Committed cells near a point of the slide, SlidePx, by centre. */
  cellsNear(runId: number, slideX: number, slideY: number, radiusPx: number): Cell[]
  /** Throws `not-found` (cell). */
  runOfCell(cellId: number): number
  /** What a model (null: the run's own) said of the cells with an id above `after` (0), by id; without those it did not name. */
  features(
    runId: number,
    after: number,
    limit: number,
    modelId?: number | null,
  ): (Pick<Said, 'probabilities' | 'embedding'> & { readonly cellId: number })[]
  /**
   * What was said of each of the run's cells that count: by a model (null: its own), and by a person; and the probabilities of those it named,
   * n x classes.
   */
  opinions(
    runId: number,
    modelId?: number | null,
  ): {
    readonly cells: readonly { readonly named: ClassCode | null; readonly read: ClassCode | null }[]
    readonly probabilities: Float32Array
  }
  /**
   * Of the cells that count: those nobody read whose probability is below each of the limits; cells unlike what the model was trained on (null: it cannot
   * tell).
   */
  doubts(
    runId: number,
    limits: readonly number[],
    modelId?: number | null,
  ): { readonly unsure: readonly number[]; readonly unfamiliar: number | null }
  /** JPEG; null: no such cell. */
  crop(cellId: number): Uint8Array | null
  /**
   * One event a cell, all or none; the same label by the same reader again, without a reason, is none. Returns the cells as they
   * are now. Throws `not-found`.
   */
  relabel(cellIds: readonly number[], label: ClassCode, reader: string, why: string | null): Cell[]
  /** Takes back each cell's newest label that stands, as an event of its own; cells nobody labelled stay as they are. */
  undo(cellIds: readonly number[], reader: string): Cell[]
  /**
   * Cells that count, by machine class and by current class, as the run's own model read them, or another; the key '' holds those without one.
   * And fields that do not count, with their cells.
   */
  counts(
    runId: number,
    modelId?: number | null,
  ): {
    readonly machine: ReadonlyMap<ClassCode | '', number>
    readonly current: ReadonlyMap<ClassCode | '', number>
    readonly relabelled: number
    readonly leftOut: { readonly fields: number; readonly cells: number }
  }
  /** Cells that count, by what the run's own model named them and what a person said. */
  tally(runId: number): TallyRow[]
  /** Every cell of the run, also where fields do not count, with the probability of one class, as its own model gave it, or another (null: its own). */
  searchedCells(runId: number, code: ClassCode, modelId?: number | null): SearchedCell[]
  /** That a person has looked at these candidates; it stays. */
  addSearchReview(review: NewSearchReview): void
  /** Newest first, and the cells any of them covers. */
  searchReviews(
    runId: number,
    code: ClassCode,
  ): { readonly reviews: readonly SearchReview[]; readonly signed: ReadonlySet<number> }
  /** Kept beside what was measured before: nothing is changed. */
  addCalibration(rig: string, objective: string | null, result: CalibrationResult): Calibration
  /** Newest first. */
  calibrations(rig: string, objective: string | null): Calibration[]
  /** Throws `not-found`. */
  calibration(id: number): Calibration
  /** Looking, without a place yet. Throws `not-found` (case). */
  createOverview(made: NewOverview): OverviewSummary
  /** Throws `not-found`. */
  overview(overviewId: number): OverviewSummary
  /** Newest first; of a case, or all (null). */
  overviews(caseId: number | null): OverviewSummary[]
  /** The places of an overview from `after` (0) on, in order. */
  overviewPlaces(overviewId: number, after?: number): OverviewPlace[]
  addOverviewPlace(overviewId: number, place: OverviewPlace): void
  /** How many places there will be, as far as is known. */
  setPlannedPlaces(overviewId: number, planned: number): void
  /** `failed` has to say what the `failure` was; `done` what was learnt besides its places. */
  endOverview(
    overviewId: number,
    state: Exclude<OverviewSummary['state'], 'looking'>,
    detail?: { failure?: OverviewSummary['failure']; focus?: FocusMapJson; pace?: OverviewSummary['pace'] },
  ): OverviewSummary
  /** The heights of focus that an overview found, as it stored them; null: it did not get so far. */
  overviewFocus(overviewId: number): FocusMapJson | null
  /**
   * One sentence a finding; empty: sound. SQLite's integrity and foreign key checks, the chains of label and field events and of cells counted by
   * hand, and whether each cell's class and reader, and whether it counts, are what its prediction and the events say.
   */
  check(): string[]
  close(): void
}
