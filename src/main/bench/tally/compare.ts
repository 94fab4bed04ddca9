import type { Comparison, Sitting } from '../../../shared/contract/tally.ts'
import { compareCounts } from '../../../shared/differential/comparison.ts'
import { type Rect, type StageUm, slideToStage } from '../../../shared/geometry.ts'
import { coveredShare, isInAny } from '../../../shared/ledger/areas.ts'
import { COMPARED_SHARE, NOTHING_NEW } from '../../../shared/ledger/put-together.ts'
import type { ClassCode } from '../../../shared/taxonomy.ts'
import type { PlacedCell, SittingView } from '../../casebook/tally-book.ts'
import { mountingAt, sameFrame, whyApart } from './frames.ts'
import { type Ledger, onStage, ownerOfSitting, type PlacedRun } from './ledger.ts'

type Counts = Map<ClassCode | '', number>

interface Parts {
  readonly sitting: Sitting
  readonly views: readonly SittingView[]
  readonly run: PlacedRun
  /** What the run owns, SlidePx. */
  readonly owned: readonly { readonly owned: Parameters<typeof onStage>[0] }[]
  readonly cells: readonly PlacedCell[]
  readonly ledger: Ledger
}

interface SameArea {
  readonly sameArea: Comparison | null
  readonly views: { readonly covered: number; readonly all: number }
  readonly problem: string | null
}

/** A sitting and what a run's machine said, in the areas that both counted. */
export function compareSameArea({ sitting, views, run, owned, cells, ledger }: Parts): SameArea {
  const counted = views.filter(({ counts }) => counts.size > 0)
  const all = counted.length
  const none = (problem: string): SameArea => ({ sameArea: null, views: { covered: 0, all }, problem })
  const { frame, slide } = run
  if (frame === null || slide === null)
    return none(`Run ${run.runId} has no place on a stage: no area of it can be compared.`)
  if (sitting.frame === null) return none(`Where this sitting counted is not known: ${sitting.noFrame}.`)
  const machine = owned.map((field) => onStage(field.owned, slide))
  const points = cells.map((cell) => ({ at: slideToStage(cell, slide), class: cell.named ?? ('' as const) }))
  const manualCounts: Counts = new Map()
  const machineCounts: Counts = new Map()
  let covered = 0
  let apart: string | null = null
  for (const view of counted) {
    const there = { ...sitting.frame, mounting: mountingAt(view.at, ledger.moves) }
    apart ??= whyApart(there, frame)
    if (!view.area || !sameFrame(there, frame)) continue
    const left = leftOut(view, sitting, views, ledger)
    if (!isCovered(view.area, machine, left)) continue
    covered++
    for (const [code, count] of view.counts) add(manualCounts, code, count)
    for (const point of points)
      if (isInAny(point.at, [view.area]) && !isInAny(point.at, left)) add(machineCounts, point.class, 1)
  }
  if (covered > 0) {
    return { sameArea: compareCounts(manualCounts, machineCounts), views: { covered, all }, problem: null }
  }
  return none(
    apart === null
      ? `Run ${run.runId} counted no place of this sitting whole (${100 * COMPARED_SHARE} % of it or more).`
      : `The places cannot be compared: ${apart}.`,
  )
}

/** What a person did not count of a view, because it had been counted before: see `lookAt`. */
function leftOut(view: SittingView, sitting: Sitting, views: readonly SittingView[], ledger: Ledger): Rect<StageUm>[] {
  if (sitting.purpose === 'compare') {
    return views.filter((each) => each.viewId < view.viewId && each.counts.size > 0).flatMap(({ area }) => area ?? [])
  }
  const frame = { ...sitting.frame!, mounting: mountingAt(view.at, ledger.moves) }
  const own = ownerOfSitting(sitting.sittingId)
  return ledger
    .units(frame)
    .filter(({ owner, at }) => (owner === own ? at < view.at : at <= view.at))
    .map(({ area }) => area)
}

function isCovered(area: Rect<StageUm>, machine: readonly Rect<StageUm>[], left: readonly Rect<StageUm>[]): boolean {
  const before = coveredShare(area, left)
  const fresh = 1 - before
  return fresh > NOTHING_NEW && (coveredShare(area, [...left, ...machine]) - before) / fresh >= COMPARED_SHARE
}

function add(counts: Counts, code: ClassCode | '', count: number): void {
  counts.set(code, (counts.get(code) ?? 0) + count)
}
