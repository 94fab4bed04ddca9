import type { CaseSummary } from '../../shared/contract/cases.ts'
import type { Cell } from '../../shared/contract/cells.ts'
import type { RunState, RunSummary, StartRun, StopReason } from '../../shared/contract/runs.ts'
import type { Field } from '../../shared/contract/slide.ts'
import type { ClassCode } from '../../shared/taxonomy.ts'

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
  /** By class of the run's model, in its order; null: no model. */
  readonly probabilities: Float32Array | null
}

export interface NewField {
  readonly runId: number
  readonly field: Omit<Field, 'cells' | 'revision'>
  readonly cells: readonly NewCell[]
}

/** How the run sees its slide; fixed when it starts, so that a resumed run goes on in the same frame. */
export interface RunPlan {
  /** JSON of the scan plan (see scan/). */
  readonly plan: string
  readonly plannedFields: number | null
  readonly slideWidthPx: number
  readonly slideHeightPx: number
  readonly pixelSizeUm: number
}

export interface NewRun extends StartRun, RunPlan {
  readonly caseId: number
  /** null: no model. */
  readonly model: {
    readonly name: string
    readonly version: string
    readonly sha256: string
    readonly classes: readonly ClassCode[]
  } | null
}

/**
 * The database of cases, runs, fields and cells: `casebook.sqlite` in the data folder. Synchronous; every write is one transaction.
 * Opening rejects `casebook-newer`, `casebook-damaged`, `casebook-locked`, `data-unwritable`. Writes may throw `disk-full`,
 * `casebook-locked`; nothing of a failed write stays.
 */
export interface Casebook {
  listCases(): CaseSummary[]
  createCase(newCase: Omit<CaseSummary, 'caseId' | 'createdAt' | 'runs'>): CaseSummary
  createRun(run: NewRun): RunSummary
  /** Throws `not-found`. */
  run(runId: number): RunSummary
  runPlan(runId: number): RunPlan
  /** Replaces the plan's JSON, e.g. once the focus of the slide is known. */
  setRunPlan(runId: number, plan: string): void
  setRunState(
    runId: number,
    state: RunState,
    detail?: { stopped?: StopReason; failure?: RunSummary['failure']; plannedFields?: number },
  ): RunSummary
  /** Runs a vanished process left as scanning or paused become interrupted. Call only while holding the bench lock. */
  markInterrupted(): number
  /** The field, its cells, their crops and predictions, together or not at all. Returns the run's new revision. */
  commitField(field: NewField): number
  fields(runId: number, after?: number): Field[]
  cells(runId: number): Cell[]
  /** Cells with a revision above `after`, by revision. */
  changedCells(runId: number, after: number, limit: number): Cell[]
  /** Highest revision among the run's cells and fields; 0: none. */
  revision(runId: number): number
  /** Committed cells near a point of the slide, SlidePx, by centre. */
  cellsNear(runId: number, slideX: number, slideY: number, radiusPx: number): Cell[]
  crop(cellId: number): Uint8Array | null
  relabel(cellIds: readonly number[], label: ClassCode, reader: string, why: string | null): Cell[]
  undo(cellIds: readonly number[], reader: string): Cell[]
  /** Cells by machine class and by current class; the key '' holds those without one. */
  counts(runId: number): {
    readonly machine: ReadonlyMap<ClassCode | '', number>
    readonly current: ReadonlyMap<ClassCode | '', number>
    readonly relabelled: number
  }
  /** `PRAGMA integrity_check` and `foreign_key_check`; empty: sound. */
  check(): string[]
  close(): void
}
