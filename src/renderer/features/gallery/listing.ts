import type { Cell } from '../../../shared/contract/cells.ts'
import type { ClassCode } from '../../../shared/taxonomy.ts'
import { type CellBook, classOf, type View } from '../../app/cell-book.ts'

/**
 * candidates: those of a search for rare cells. left-out: those of fields that do not count, which no other but picked lists. all: every other cell. none: cells no model named. picked: those picked on the map. unsure: the machine is, and nobody has said. unfamiliar: unlike
 * what the model was trained on. Else one class.
 */
export type Filter = ClassCode | 'all' | 'candidates' | 'left-out' | 'none' | 'picked' | 'unsure' | 'unfamiliar'

/** scan: as the scan met them, new ones at the end. unsure: least probable first. newest: the other way round than scan. */
export type Order = 'scan' | 'unsure' | 'newest'

export const ORDERS: readonly { readonly value: Order; readonly label: string }[] = [
  { value: 'scan', label: 'Position on the slide' },
  { value: 'unsure', label: 'Least sure first' },
  { value: 'newest', label: 'Newest first' },
]

const NONE: ReadonlySet<number> = new Set()

export interface Listing {
  readonly ids: readonly number[]
  /** Cells that would be listed, were they not held back. */
  readonly heldBack: number
}

/**
 * The cells of the gallery in their order. Cells with an id above `heldAbove` stay out (null: none are held), so that a list a person looks at
 * does not move under the eye while the scan adds to it.
 */
export function listCells(
  book: CellBook,
  view: View,
  filter: Filter,
  order: Order,
  heldAbove: number | null,
  picked: ReadonlySet<number> = NONE,
): Listing {
  const listed: Cell[] = []
  let heldBack = 0
  for (const id of book.ids) {
    const cell = book.byId.get(id)!
    if (!isWanted(cell, view, filter, picked)) continue
    if (heldAbove !== null && id > heldAbove) heldBack++
    else listed.push(cell)
  }
  if (order === 'newest') listed.reverse()
  // The machine's own probability, not the label's: a relabelled cell keeps its place.
  if (order === 'unsure') listed.sort((a, b) => (a.probability ?? 2) - (b.probability ?? 2) || a.id - b.id)
  return { ids: listed.map((cell) => cell.id), heldBack }
}

/** The cells of a search that the window knows, in the search's order, whichever order is chosen for the others. */
export function listRanked(book: CellBook, ranked: readonly { readonly cellId: number }[]): Listing {
  return { ids: ranked.flatMap(({ cellId }) => (book.byId.has(cellId) ? [cellId] : [])), heldBack: 0 }
}

/** Whether the gallery would list the cell; a search's candidates stay listed whatever a person calls them. */
export function lists(
  cell: Cell,
  { view, filter, picked }: { readonly view: View; readonly filter: Filter; readonly picked: ReadonlySet<number> },
): boolean {
  return filter === 'candidates' || isWanted(cell, view, filter, picked)
}

function isWanted(cell: Cell, view: View, filter: Filter, picked: ReadonlySet<number>): boolean {
  if (filter === 'picked') return picked.has(cell.id)
  if (filter === 'left-out' || cell.leftOut) return filter === 'left-out' && cell.leftOut !== null
  switch (filter) {
    case 'all':
      return true
    case 'unsure':
      return cell.unsure
    case 'unfamiliar':
      return cell.unfamiliar === true
    case 'none':
      return classOf(cell, view) === null
    default:
      return classOf(cell, view) === filter
  }
}

/**
 * The cell a step away from the active one; the first when none is active; null in an empty list. An active cell that has left the list since
 * it was at `lastAt` has its neighbours of then.
 */
export function stepThrough(
  ids: readonly number[],
  active: number | null,
  step: number,
  lastAt: number | null = null,
): number | null {
  if (ids.length === 0) return null
  let at = active === null ? -1 : ids.indexOf(active)
  if (at < 0 && active !== null && lastAt !== null) at = step < 0 ? lastAt : lastAt - 1
  else if (at < 0) return ids[step < 0 ? ids.length - 1 : 0]
  return ids[Math.min(ids.length - 1, Math.max(0, at + step))]
}

/** Every listed cell between two, both included. */
export function between(ids: readonly number[], from: number, to: number): readonly number[] {
  const a = ids.indexOf(from)
  const b = ids.indexOf(to)
  if (a < 0 || b < 0) return [to]
  return ids.slice(Math.min(a, b), Math.max(a, b) + 1)
}
