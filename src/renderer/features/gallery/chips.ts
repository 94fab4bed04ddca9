import { TAXONOMY } from '../../../shared/taxonomy.ts'
import { type CellBook, countByClass, type View } from '../../app/cell-book.ts'
import type { Desk } from '../../app/desk.ts'
import type { Filter } from './listing.ts'

export interface Chip {
  readonly filter: Filter
  readonly count: number
}

/**
 * The filters worth offering: every cell that counts, those picked on the map, those the model has doubts about, then each class that has cells, in the
 * differential's order, then the unnamed, and at last those that do not count.
 */
export function chipsOf(book: CellBook, view: View, picked = 0): readonly Chip[] {
  const counts = countByClass(book, view)
  const classes = TAXONOMY.map(({ code }) => ({ filter: code, count: counts.get(code) ?? 0 }))
  const chips: Chip[] = []
  if (picked > 0) chips.push({ filter: 'picked', count: picked })
  let [unsure, unfamiliar, leftOut] = [0, 0, 0]
  for (const cell of book.byId.values()) {
    if (cell.leftOut) {
      leftOut++
      continue
    }
    if (cell.unsure) unsure++
    if (cell.unfamiliar) unfamiliar++
  }
  if (unsure > 0) chips.push({ filter: 'unsure', count: unsure })
  if (unfamiliar > 0) chips.push({ filter: 'unfamiliar', count: unfamiliar })
  chips.push(...classes.filter(({ count }) => count > 0))
  const unnamed = counts.get(null) ?? 0
  if (unnamed > 0) chips.push({ filter: 'none', count: unnamed })
  if (leftOut > 0) chips.push({ filter: 'left-out', count: leftOut })
  return [{ filter: 'all', count: book.ids.length - leftOut }, ...chips]
}

export const codesWithCells = (state: Desk): readonly Filter[] =>
  chipsOf(state.cells, state.view, state.picked.size).map(({ filter }) => filter)
