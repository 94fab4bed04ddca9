import type { Field } from '../../../shared/contract/slide.ts'
import { fieldsText, leftOutWords } from '../../../shared/quality/words.ts'
import { bench } from '../../app/bench.ts'
import { corrections } from '../../app/corrections.ts'
import { desk } from '../../app/desk.ts'
import { withReader } from '../../app/dialogs.ts'
import { announce, showError } from '../../app/notices.ts'
import { refreshRun } from '../../app/run-link.ts'
import { type Act, forgetFailedAct, rememberAct, returnAct } from '../../app/undo.ts'
import { viewerHandle } from '../../viewer/handle.ts'

interface Decision {
  readonly runId: number
  readonly leaveOut: boolean
}

/** The newest decision on its way to the bench about a field, by the field's number. */
const onTheirWay = new Map<number, Decision>()

/** Leaves fields out, or brings them back, with the reader's name; U takes it back. */
export function decideFields(indices: readonly number[], leaveOut: boolean): void {
  if (indices.length > 0) withReader((reader) => void decide(indices, leaveOut, reader, null))
}

/** @param undone the act that this takes back; null: it is one of its own. */
async function decide(
  indices: readonly number[],
  leaveOut: boolean,
  reader: string,
  undone: Act | null,
): Promise<void> {
  const { run } = desk.get()
  if (!run || !corrections.admit()) return
  const { runId } = run
  const act = undone ? null : rememberAct(runId, (name) => void decide(indices, !leaveOut, name, act))
  const work = async (): Promise<void> => {
    if (undone?.failed) return announce('Nothing to undo: that was not kept.')
    const request = { runId, fields: [...indices], reader, why: undone ? 'undone' : null }
    const before = desk.get().run?.counted
    await (leaveOut ? bench.fields.leaveOut(request) : bench.fields.bringBack(request))
    if (desk.get().run?.runId !== runId) return
    await refreshRun()
    const { counted = before } = desk.get().run ?? {}
    const what = indices.length === 1 ? `Field ${indices[0] + 1}` : fieldsText(indices.length)
    announce(`${what} ${leaveOut ? 'left out' : 'brought back'}: ${counted} cells counted, ${before} before.`)
  }
  const decision = { runId, leaveOut }
  for (const index of indices) onTheirWay.set(index, decision)
  await corrections.ask(leaveOut ? 'leaving out' : 'bringing back', work, (error) => {
    if (act) forgetFailedAct(act)
    if (undone) returnAct(undone)
    showError(error)
  })
  for (const index of indices) if (onTheirWay.get(index) === decision) onTheirWay.delete(index)
}

/** The field of the selected cell: out, or back; pressed again before the bench has answered, the other way. */
export function toggleFieldOfCell(): void {
  const { active, cells, fields, run } = desk.get()
  const cell = active === null ? undefined : cells.byId.get(active)
  const field = cell && fields.find(({ index }) => index === cell.field)
  const asked = field && onTheirWay.get(field.index)
  const out = asked && asked.runId === run?.runId ? asked.leaveOut : field?.leftOut !== null
  if (field) decideFields([field.index], !out)
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
