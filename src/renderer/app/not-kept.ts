import { counted } from '../ui/format.ts'
import { desk, NO_SELECTION } from './desk.ts'
import { showProblem } from './notices.ts'
import { describeProblem } from './problem.ts'

/** Cells whose label the bench did not keep, told in one notice as long as it stands. */
let notKept: { readonly runId: number; readonly cellIds: ReadonlySet<number> } = { runId: 0, cellIds: NO_SELECTION }

/** A label that was not kept, long after the hand has gone on, is told with the way back to its cells. */
export function tellNotKept(runId: number, cellIds: readonly number[], error: unknown): void {
  const stands = notKept.runId === runId && desk.get().notices.some(({ subject }) => subject === 'not-kept')
  const all = new Set([...(stands ? notKept.cellIds : []), ...cellIds])
  notKept = { runId, cellIds: all }
  const { message, remedy, code } = describeProblem(error)
  const show = (): void => {
    if (desk.get().run?.runId !== runId) return
    desk.set({ picked: all, filter: 'picked', heldAbove: null, selection: NO_SELECTION, active: null })
  }
  showProblem({
    message: `${counted(all.size, 'cell')} kept the label before: what you said of ${all.size === 1 ? 'it' : 'them'} was not taken. ${message}`,
    remedy,
    code,
    subject: 'not-kept',
    way: { words: all.size === 1 ? 'Show the cell' : 'Show the cells', go: show },
  })
}
