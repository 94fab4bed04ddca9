import type { ClassCode } from '../../../shared/taxonomy.ts'
import { ask, setFilter, withReader } from '../../app/actions.ts'
import { bench } from '../../app/bench.ts'
import { desk } from '../../app/desk.ts'
import { announce } from '../../app/notices.ts'
import { refreshSearch } from './refresh-search.ts'

/** Shares of the class that a search may be asked to find, on validation images. */
export const RECALLS = [0.9, 0.95, 0.98, 1] as const

/** Lists the cells that may be of the class searched for, or goes back to all. */
export function toggleSearch(): void {
  const off = desk.get().filter === 'candidates'
  setFilter(off ? 'all' : 'candidates')
  if (!off) void refreshSearch()
}

export function searchFor(patch: { readonly class?: ClassCode; readonly recall?: number }): void {
  const { search } = desk.get()
  desk.set({ search: { ...search, ...patch }, searchReport: null })
  void refreshSearch()
}

/** Signs that every candidate listed has been looked at. */
export function signSearch(): void {
  const { run, search, reading, searchReport } = desk.get()
  if (!run || !searchReport || searchReport.candidates.length === 0) return
  const cellIds = searchReport.candidates.map(({ cellId }) => cellId)
  withReader((reader) =>
    ask('signing', async () => {
      const report = await bench.search.sign({ runId: run.runId, ...search, modelId: reading, cellIds, reader })
      if (desk.get().search === search) desk.set({ searchReport: report })
      announce(`Signed: all ${cellIds.length} candidates looked at by ${reader}.`)
    }),
  )
}
