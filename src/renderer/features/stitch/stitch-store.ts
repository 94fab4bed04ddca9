import type { Stitch } from '../../../shared/contract/slide.ts'
import { bench } from '../../app/bench.ts'
import { desk } from '../../app/desk.ts'
import { announce, showProblem } from '../../app/notices.ts'
import { describeProblem } from '../../app/problem.ts'
import { createStore, useSelected } from '../../ui/store.ts'

/** How the fields of the run that is shown are joined; read only while somebody looks at it. */
interface StitchStore {
  readonly shown: boolean
  readonly runId: number | null
  readonly stitches: readonly Stitch[]
}

export const stitchStore = createStore<StitchStore>({ shown: false, runId: null, stitches: [] })

export const useStitches = <Part>(select: (state: StitchStore) => Part): Part => useSelected(stitchStore, select)

let reading = false

/** Reads what fields that came since the last time say; what was said before stays as it was. */
async function read(): Promise<void> {
  const { run, fields } = desk.get()
  const { shown, runId, stitches } = stitchStore.get()
  if (!shown || reading || !run) return
  const known = runId === run.runId ? stitches : []
  const after = known.at(-1)?.to ?? -1
  const newest = fields.reduce((most, field) => Math.max(most, field.index), -1)
  if (runId === run.runId && newest <= after) return
  reading = true
  try {
    const { stitches: more } = await bench.slide.stitches({ runId: run.runId, after })
    if (desk.get().run?.runId === run.runId) stitchStore.set({ runId: run.runId, stitches: [...known, ...more] })
  } catch (error) {
    // A bench that went away is told of elsewhere; with the next field it is asked again.
    const problem = describeProblem(error)
    if (problem.code !== null) showProblem(problem)
  } finally {
    reading = false
  }
}

/** Follows the desk for as long as the window is open. */
export function followStitches(): void {
  let fields = desk.get().fields
  desk.subscribe(() => {
    if (desk.get().fields === fields) return
    fields = desk.get().fields
    void read()
  })
}

export function toggleStitches(): void {
  const shown = !stitchStore.get().shown
  stitchStore.set({ shown })
  announce(shown ? 'Seams shown: how alike neighbouring fields are where they overlap.' : 'Seams hidden.')
  void read()
}
