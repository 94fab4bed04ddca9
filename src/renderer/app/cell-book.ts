import type { Cell } from '../../shared/contract/cells.ts'
import type { DifferentialView } from '../../shared/contract/differential.ts'
import type { ClassCode } from '../../shared/taxonomy.ts'

export type View = DifferentialView

/** What a cell is called in a view. Corrected shares say nothing of any one cell: there it is called as in the reviewed view. */
export const classOf = (cell: Cell, view: View): ClassCode | null =>
  view === 'machine' ? cell.machineClass : cell.class

/**
 * Every cell of the run the window knows, by id. Each change makes a new book over the same map, so that a listener sees that something
 * changed without a copy of ten thousand cells.
 */
export interface CellBook {
  readonly byId: ReadonlyMap<number, Cell>
  /** Ascending ids: the order in which the cells were committed. */
  readonly ids: readonly number[]
  /** Highest revision taken in. */
  readonly revision: number
}

export const EMPTY_BOOK: CellBook = { byId: new Map(), ids: [], revision: 0 }

/** The book with cells added or replaced; an older revision of a known cell is left aside. Takes the old book over: use it no more. */
export function withCells(book: CellBook, cells: readonly Cell[], revision: number = book.revision): CellBook {
  const byId = book.byId === EMPTY_BOOK.byId ? new Map<number, Cell>() : (book.byId as Map<number, Cell>)
  const added: number[] = []
  for (const cell of cells) {
    const known = byId.get(cell.id)
    if (known && known.revision > cell.revision) continue
    if (!known) added.push(cell.id)
    byId.set(cell.id, cell)
  }
  let ids = book.ids
  if (added.length > 0) {
    const ascending = added.every((id, index) => id > (added[index - 1] ?? book.ids.at(-1) ?? 0))
    ids = ascending ? [...book.ids, ...added] : [...book.ids, ...added].sort((a, b) => a - b)
  }
  return { byId, ids, revision: Math.max(book.revision, revision) }
}

/** Cells that count of each class in a view; the key null holds those no model named. */
export function countByClass(book: CellBook, view: View): ReadonlyMap<ClassCode | null, number> {
  const counts = new Map<ClassCode | null, number>()
  for (const cell of book.byId.values()) {
    if (cell.leftOut) continue
    const code = classOf(cell, view)
    counts.set(code, (counts.get(code) ?? 0) + 1)
  }
  return counts
}
