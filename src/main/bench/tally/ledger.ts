import type { CountedArea, Counter, CountingFrame } from '../../../shared/contract/counted-areas.ts'
import { type Rect, type SlideFrame, type SlidePx, type StageUm, slideToStage } from '../../../shared/geometry.ts'
import type { LedgerUnit } from '../../../shared/ledger/put-together.ts'
import type { Casebook } from '../../casebook/casebook.ts'
import type { LedgerRun } from '../../casebook/tally-book.ts'
import { slideFrame, stagePlan } from '../../scan/stage-plan.ts'
import { frameOf, mountingAt, sameFrame } from './frames.ts'

export type LedgerBook = Pick<
  Casebook,
  'ledgerRuns' | 'machineAreas' | 'placedCells' | 'sittings' | 'sittingViews' | 'slideMoves'
>

/** An area somebody counted, and in which frame; area and frame null: its place is not known. */
export interface LedgerEntry {
  readonly by: Counter
  readonly area: Rect<StageUm> | null
  readonly frame: CountingFrame | null
  readonly at: string
  readonly cells: number
}

/** A run as it lies on the stage. */
export interface PlacedRun extends LedgerRun {
  /** null: it has no stage, or is from before such plans. */
  readonly frame: CountingFrame | null
  readonly slide: SlideFrame | null
}

/** The counted areas of one case's slide: what runs counted through their fields, and what people counted. */
export class Ledger {
  readonly #book: LedgerBook
  readonly #caseId: number
  readonly moves: readonly string[]
  readonly runs: readonly PlacedRun[]

  /** Throws `not-found`. */
  constructor(book: LedgerBook, caseId: number) {
    this.#book = book
    this.#caseId = caseId
    this.moves = book.slideMoves(caseId)
    this.runs = book.ledgerRuns(caseId).map((run) => this.#placed(run))
  }

  run(runId: number): PlacedRun | null {
    return this.runs.find((each) => each.runId === runId) ?? null
  }

  /** Oldest first within each run and sitting. */
  entries(): LedgerEntry[] {
    return [...this.runs.flatMap((run) => this.ofRun(run)), ...this.ofPeople()]
  }

  ofRun({ runId, frame, slide }: PlacedRun): LedgerEntry[] {
    return this.#book.machineAreas(runId).map(({ field, owned, at, cells }) => ({
      by: { kind: 'run', runId, field },
      area: slide && onStage(owned, slide),
      frame,
      at,
      cells,
    }))
  }

  /** Places where no cell stands are not counted areas. */
  ofPeople(): LedgerEntry[] {
    return this.#book
      .sittings(this.#caseId)
      .toReversed()
      .flatMap(({ sittingId, reader, purpose, frame }) =>
        this.#book.sittingViews(sittingId).flatMap(({ area, at, counts }, view): LedgerEntry[] => {
          const cells = [...counts.values()].reduce((sum, count) => sum + count, 0)
          const placed = area !== null && frame !== null
          if (cells === 0) return []
          return [
            {
              by: { kind: 'sitting', sittingId, reader, view, purpose },
              area,
              frame: placed ? { ...frame, mounting: mountingAt(at, this.moves) } : null,
              at,
              cells,
            },
          ]
        }),
      )
  }

  /** What is put together in one frame: runs with their cells as they are labelled now, and sittings that add. */
  units(frame: CountingFrame): LedgerUnit[] {
    const runs = this.runs.filter((run) => sameFrame(run.frame, frame)).flatMap((run) => this.#unitsOfRun(run))
    const people = this.#book
      .sittings(this.#caseId)
      .filter((each) => each.purpose === 'add' && each.frame !== null)
      .toReversed()
      .flatMap(({ sittingId, frame: own }) =>
        this.#book
          .sittingViews(sittingId)
          .flatMap(({ area, at, counts }): LedgerUnit[] =>
            area && counts.size > 0 && sameFrame({ ...own!, mounting: mountingAt(at, this.moves) }, frame)
              ? [{ owner: ownerOfSitting(sittingId), area, at, counted: { kind: 'counts', counts } }]
              : [],
          ),
      )
    return [...runs, ...people]
  }

  #unitsOfRun({ runId, slide }: PlacedRun): LedgerUnit[] {
    const byField = Map.groupBy(this.#book.placedCells(runId), (cell) => cell.field)
    return this.#book.machineAreas(runId).map(({ field, owned, at }) => ({
      owner: ownerOfRun(runId),
      area: onStage(owned, slide!),
      at,
      counted: {
        kind: 'cells',
        cells: (byField.get(field) ?? []).map((cell) => ({
          at: slideToStage(cell, slide!),
          class: cell.current ?? '',
        })),
      },
    }))
  }

  #placed(run: LedgerRun): PlacedRun {
    const frame = frameOf(run.rig)
    const plan = frame && stagePlan.safeParse(JSON.parse(run.plan))
    if (!frame || !plan?.success) return { ...run, frame: null, slide: null }
    return {
      ...run,
      frame: { ...frame, mounting: mountingAt(run.startedAt, this.moves) },
      slide: slideFrame(plan.data),
    }
  }
}

export const ownerOfRun = (runId: number): string => `run ${runId}`
export const ownerOfSitting = (sittingId: number): string => `sitting ${sittingId}`

export function onStage(rect: Rect<SlidePx>, slide: SlideFrame): Rect<StageUm> {
  return {
    origin: slideToStage(rect.origin, slide),
    width: rect.width * slide.pixelSizeUm,
    height: rect.height * slide.pixelSizeUm,
  }
}

/** As the contract has it. */
export function toCountedArea({ area, ...entry }: LedgerEntry): CountedArea {
  return { ...entry, areaUm: area && areaUmOf(area) }
}

export function areaUmOf({ origin, width, height }: Rect<StageUm>): {
  x: number
  y: number
  width: number
  height: number
} {
  return { x: origin.x, y: origin.y, width, height }
}
