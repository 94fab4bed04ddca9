import { TAXONOMY } from '../../../shared/taxonomy.ts'
import { type CellBook, countByClass, type View } from '../../app/cell-book.ts'
import type { Desk } from '../../app/desk.ts'
import type { Filter } from './listing.ts'

export interface Chip {
  readonly filter: Filter
  readonly count: number
}

/**
 * The filters worth offering: every cell, those picked on the map, those the model has doubts about, then each class that has cells, in the
 * differential's order, then the unnamed.
 */
export function chipsOf(book: CellBook, view: View, picked = 0): readonly Chip[] {
  const counts = countByClass(book, view)
  const classes = TAXONOMY.map(({ code }) => ({ filter: code, count: counts.get(code) ?? 0 }))
  const chips: Chip[] = [{ filter: 'all', count: book.ids.length }]
  if (picked > 0) chips.push({ filter: 'picked', count: picked })
  let [unsure, unfamiliar] = [0, 0]
  for (const cell of book.byId.values()) {
    if (cell.unsure) unsure++
    if (cell.unfamiliar) unfamiliar++
  }
  if (unsure > 0) chips.push({ filter: 'unsure', count: unsure })
  if (unfamiliar > 0) chips.push({ filter: 'unfamiliar', count: unfamiliar })
  chips.push(...classes.filter(({ count }) => count > 0))
  const unnamed = counts.get(null) ?? 0
  return unnamed > 0 ? [...chips, { filter: 'none', count: unnamed }] : chips
}

export const codesWithCells = (state: Desk): readonly Filter[] =>
  chipsOf(state.cells, state.view, state.picked.size).map(({ filter }) => filter)
