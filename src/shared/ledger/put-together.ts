import type { Rect, StageUm } from '../geometry.ts'
import type { ClassCode } from '../taxonomy.ts'
import { coveredShare, isInAny, overlap } from './areas.ts'

/** Less of a view than this is new: it was counted before, and counts no more. */
export const NOTHING_NEW = 0.01

/** A person's view is held against a run that counted at least so much of it. */
export const COMPARED_SHARE = 0.95

/** An area of one frame that was counted: a field of a run, or a place of a sitting. */
export interface LedgerUnit {
  /** Who: one run, or one sitting. */
  readonly owner: string
  readonly area: Rect<StageUm>
  readonly at: string
  readonly counted:
    | { readonly kind: 'cells'; readonly cells: readonly { readonly at: StageUm; readonly class: ClassCode | '' }[] }
    | { readonly kind: 'counts'; readonly counts: ReadonlyMap<ClassCode, number> }
}

export interface PutTogether {
  readonly counts: ReadonlyMap<ClassCode | '', number>
  /** By owner: cells it counted, and those of them that others had counted before. */
  readonly parts: ReadonlyMap<string, { readonly cells: number; readonly leftOut: number }>
}

/** Oldest first; what was counted at one moment stays in its order. */
export const byTime = <Each extends { readonly at: string }>(units: readonly Each[]): Each[] =>
  [...units].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))

/**
 * What was counted before a unit, of what it overlaps: by others, and by itself where it is a sitting, whose places are not laid out like the
 * fields of a run, of which each point belongs to one.
 * @param earlier in the order of time, without the unit.
 */
export function countedBefore(unit: LedgerUnit, earlier: readonly LedgerUnit[]): Rect<StageUm>[] {
  return earlier
    .filter((other) => other.owner !== unit.owner || unit.counted.kind === 'counts')
    .map((other) => other.area)
    .filter((area) => overlap(area, unit.area) !== null)
}

/**
 * One count of what several counted in one frame. Each point of the slide belongs to whoever counted it first. A machine's cell lies somewhere, so
 * it is left out where its centre was counted before. A person's cells lie in their view, of which the parts counted before were shaded when
 * they were counted: they count, unless nothing of the view was new.
 */
export function putTogether(units: readonly LedgerUnit[]): PutTogether {
  const counts = new Map<ClassCode | '', number>()
  const parts = new Map<string, { cells: number; leftOut: number }>()
  const inOrder = byTime(units)
  for (const [i, unit] of inOrder.entries()) {
    const part = parts.get(unit.owner) ?? { cells: 0, leftOut: 0 }
    parts.set(unit.owner, part)
    const before = countedBefore(unit, inOrder.slice(0, i))
    const add = (code: ClassCode | '', count: number, isNew: boolean) => {
      part.cells += count
      if (isNew) counts.set(code, (counts.get(code) ?? 0) + count)
      else part.leftOut += count
    }
    if (unit.counted.kind === 'cells') {
      for (const cell of unit.counted.cells) add(cell.class, 1, !isInAny(cell.at, before))
    } else {
      const isNew = coveredShare(unit.area, before) <= 1 - NOTHING_NEW
      for (const [code, count] of unit.counted.counts) add(code, count, isNew)
    }
  }
  return { counts, parts }
}
