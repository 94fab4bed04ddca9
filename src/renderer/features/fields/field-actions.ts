import type { Field } from '../../../shared/contract/slide.ts'
import { fieldsText, leftOutWords } from '../../../shared/quality/words.ts'
import { ask, withReader } from '../../app/actions.ts'
import { bench } from '../../app/bench.ts'
import { desk } from '../../app/desk.ts'
import { announce } from '../../app/notices.ts'
import { refreshRun } from '../../app/run-link.ts'
import { forgetNewestUndo, rememberUndo } from '../../app/undo.ts'
import { viewerHandle } from '../../viewer/handle.ts'

/** Leaves fields out, or brings them back, with the reader's name; U takes it back. */
export function decideFields(indices: readonly number[], leaveOut: boolean): void {
  if (indices.length > 0) withReader((reader) => void decide(indices, leaveOut, reader, false))
}

async function decide(indices: readonly number[], leaveOut: boolean, reader: string, undoing: boolean): Promise<void> {
  const { run } = desk.get()
  if (!run) return
  await ask(leaveOut ? 'leaving out' : 'bringing back', async () => {
    const request = { runId: run.runId, fields: [...indices], reader, why: undoing ? 'undone' : null }
    const before = run.counted
    await (leaveOut ? bench.fields.leaveOut(request) : bench.fields.bringBack(request))
    if (undoing) forgetNewestUndo()
    else rememberUndo(() => withReader((name) => void decide(indices, !leaveOut, name, true)))
    await refreshRun()
    const { counted = before } = desk.get().run ?? {}
    const what = indices.length === 1 ? `Field ${indices[0] + 1}` : fieldsText(indices.length)
    announce(`${what} ${leaveOut ? 'left out' : 'brought back'}: ${counted} cells counted, ${before} before.`)
  })
}

/** The field of the selected cell: out, or back. */
export function toggleFieldOfCell(): void {
  const { active, cells, fields } = desk.get()
  const cell = active === null ? undefined : cells.byId.get(active)
  const field = cell && fields.find(({ index }) => index === cell.field)
  if (field) decideFields([field.index], field.leftOut === null)
  else announce('Select a cell first: its field is left out, or brought back.')
}

export function showField({ owned }: Field): void {
  viewerHandle.current?.show(owned)
}

/** "Field 12: out of focus ..., 14 cells" */
export function fieldWords({ index, cells, leftOut, image }: Field): string {
  const name = image === null ? `Field ${index + 1}` : `Field ${index + 1}, ${image}`
  return `${name}: ${leftOut ? leftOutWords(leftOut) : 'counts'}, ${cells} ${cells === 1 ? 'cell' : 'cells'}`
}
