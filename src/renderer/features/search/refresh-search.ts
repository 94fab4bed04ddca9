import { bench } from '../../app/bench.ts'
import { desk } from '../../app/desk.ts'
import { showError } from '../../app/notices.ts'
import { describeProblem } from '../../app/problem.ts'

/** What the search comes to now, while it is looked at. */
export async function refreshSearch(): Promise<void> {
  const { run, search, reading, filter } = desk.get()
  if (!run || filter !== 'candidates') return
  try {
    const report = await bench.search.candidates({ runId: run.runId, ...search, modelId: reading })
    const state = desk.get()
    if (state.run?.runId === run.runId && state.search === search && state.reading === reading)
      desk.set({ searchReport: report })
  } catch (error) {
    if (describeProblem(error).code !== null) showError(error)
  }
}
