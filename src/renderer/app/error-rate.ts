import { type CellBook, withCells } from './cell-book.ts'
import { desk } from './desk.ts'
import { saveSetting } from './settings.ts'
import { markedUnsure, unsureLimit } from './unsure.ts'

/** 0: as the model states it. */
export function setErrorRate(errorRate: number): void {
  saveSetting('error-rate', errorRate)
  desk.set({ errorRate, heldAbove: null })
}

/** Keeps the window's cells marked by the error rate the reader asked for, wherever they come from. */
export function keepUnsureMarked(): void {
  let seen: CellBook | null = null
  /** The limit the window's cells are marked by; null: as the bench marked them. */
  let by: number | null = null
  desk.subscribe(() => {
    const { cells, differential, errorRate } = desk.get()
    const doubt = differential?.doubt ?? null
    const own = by === null ? null : (doubt?.unsure?.below ?? null)
    const below = unsureLimit(doubt, errorRate) ?? own
    if (below === null || (cells === seen && below === by)) return
    const changed = [...cells.byId.values()].flatMap((cell) => {
      const marked = markedUnsure(cell, below)
      return marked === cell ? [] : [marked]
    })
    by = below
    seen = changed.length === 0 ? cells : withCells(cells, changed)
    desk.set({ cells: seen })
  })
}
