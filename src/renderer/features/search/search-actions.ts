import type { ClassCode } from '../../../shared/taxonomy.ts'
import { bench } from '../../app/bench.ts'
import { corrections } from '../../app/corrections.ts'
import { desk } from '../../app/desk.ts'
import { withReader } from '../../app/dialogs.ts'
import { announce, showProblem } from '../../app/notices.ts'
import { setFilter } from '../../app/selection-actions.ts'
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

/** Who signs, signs for the labels too: a cell that is left named so counts as found. */
const NOT_SIGNED = {
  message: 'Not signed: a correction made before was not kept.',
  remedy: 'Give the cell its label again, then sign.',
  code: null,
}

/** Signs that every candidate listed has been looked at. */
export function signSearch(): void {
  const { run, search, reading, searchReport } = desk.get()
  if (!run || !searchReport || searchReport.candidates.length === 0) return
  const cellIds = searchReport.candidates.map(({ cellId }) => cellId)
  withReader((reader) =>
    corrections.askOnce(`signing ${search.class} ${search.recall}`, async (failedBefore) => {
      if (failedBefore) return showProblem(NOT_SIGNED)
      const report = await bench.search.sign({ runId: run.runId, ...search, modelId: reading, cellIds, reader })
      if (desk.get().search === search) desk.set({ searchReport: report })
      announce(`Signed: all ${cellIds.length} candidates looked at by ${reader}.`)
    }),
  )
}
