import { useState } from 'react'
import { desk, useDesk } from '../../app/desk.ts'
import { openDialog } from '../../app/dialogs.ts'
import { continueScan } from '../../app/run-actions.ts'
import { FormDialog } from '../../ui/FormDialog.tsx'
import { StopFields } from './StopFields.tsx'
import { INITIAL_STOP, type StopForm, stopRequestOf } from './stop-form.ts'

/** Another end for a run that is over: it goes on where it was. */
export function ContinueDialog() {
  const busy = useDesk((state) => state.busy !== null)
  const counted = desk.get().run?.counted ?? 0
  const [form, setForm] = useState<StopForm>({ ...INITIAL_STOP, targetCells: String(nextTarget(counted)) })

  const submit = async (): Promise<string | null> => {
    const parsed = stopRequestOf(form)
    if ('problem' in parsed) return parsed.problem
    const refused = await continueScan(parsed.request)
    return refused && `${refused.message} ${refused.remedy}`
  }

  return (
    <FormDialog
      title="Go on with this scan"
      testId="continue-dialog"
      verb="Go on"
      verbTestId="continue-start"
      busy={busy}
      onSubmit={submit}
      onClose={() => openDialog(null)}
    >
      <StopFields form={form} onChange={(patch) => setForm((before) => ({ ...before, ...patch }))} />
      <span className="note">
        {counted} cells are counted. The same slide, the same model; what was counted and labelled stays.
      </span>
    </FormDialog>
  )
}

/** The next 500. */
const nextTarget = (counted: number): number => 500 * (Math.floor(counted / 500) + 1)
