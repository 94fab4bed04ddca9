import type { CountingFrame, TallyPurpose } from '../../shared/contract/counted-areas.ts'
import type { RigSettings } from '../../shared/contract/rig-settings.ts'
import type { Sitting, TallyPlace } from '../../shared/contract/tally.ts'
import type { Rect, SlidePx, StageUm } from '../../shared/geometry.ts'
import type { ClassCode } from '../../shared/taxonomy.ts'

export interface NewSitting {
  readonly caseId: number
  readonly reader: string
  readonly purpose: TallyPurpose
  readonly place: TallyPlace
  /** Of a sitting at a slide's image alone. */
  readonly runId: number | null
  /** null: the places of what is counted are not known. */
  readonly frame: Omit<CountingFrame, 'mounting'> | null
  readonly targetCells: number | null
}

/** A place that cells were counted at by hand. */
export interface SittingView {
  readonly viewId: number
  /** null: not known. */
  readonly area: Rect<StageUm> | null
  /** When its first cell was counted. */
  readonly at: string
  /** Cells that stand. */
  readonly counts: ReadonlyMap<ClassCode, number>
}

/** A run of a case, as the ledger needs it. */
export interface LedgerRun {
  readonly runId: number
  readonly rig: RigSettings
  /** JSON of the scan plan. */
  readonly plan: string
  readonly startedAt: string
}

/** What a field of a run counted. One that was brought back counts from then on: who counted there meanwhile was first. */
export interface MachineArea {
  readonly field: number
  readonly owned: Rect<SlidePx>
  readonly at: string
  readonly cells: number
}

/** A machine's cell by its place on the slide, SlidePx. */
export interface PlacedCell {
  readonly field: number
  readonly x: number
  readonly y: number
  /** null: no model was there. */
  readonly named: ClassCode | null
  /** The current label: a person's where there is one. */
  readonly current: ClassCode | null
}

/** Cells counted by hand, and what the ledger of counted areas is made of. Part of the casebook; see there for its errors. */
export interface TallyBook {
  /** Throws `not-found` (case, run), `invalid-input` where the run is of another case. */
  startSitting(made: NewSitting): Sitting
  /** Throws `not-found`. */
  sitting(sittingId: number): Sitting
  /** Newest first. Throws `not-found` (case). */
  sittings(caseId: number): Sitting[]
  /** Adds one cell, at the place of the one before where the area is the same, else at a new one. One transaction. */
  countCell(sittingId: number, code: ClassCode, area: Rect<StageUm> | null): void
  /** Takes the newest cell that stands back; null: there is none. */
  undoCell(sittingId: number): ClassCode | null
  /** Cells that stand. */
  sittingCounts(sittingId: number): ReadonlyMap<ClassCode, number>
  /** In the order they were counted; also those whose cells were all taken back. */
  sittingViews(sittingId: number): SittingView[]
  /** Oldest first. Throws `not-found` (case). */
  ledgerRuns(caseId: number): LedgerRun[]
  /** By field. */
  machineAreas(runId: number): MachineArea[]
  /** As the run's own model named them, or another (null: its own); by field. */
  placedCells(runId: number, modelId?: number | null): PlacedCell[]
  /** That the slide of a case was taken off or moved; it stays on record. Returns how often that was said. */
  moveSlide(caseId: number, reader: string): number
  /** When that was said, oldest first. */
  slideMoves(caseId: number): string[]
}
