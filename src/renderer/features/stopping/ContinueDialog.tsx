import { type FormEvent, useState } from 'react'
import { continueScan, openDialog } from '../../app/actions.ts'
import { desk, useDesk } from '../../app/desk.ts'
import { Dialog } from '../../ui/Dialog.tsx'
import { Icon } from '../../ui/Icon.tsx'
import { StopFields } from './StopFields.tsx'
import { INITIAL_STOP, type StopForm, stopRequestOf } from './stop-form.ts'

/** Another end for a run that is over: it goes on where it was. */
export function ContinueDialog() {
  const busy = useDesk((state) => state.busy !== null)
  const counted = desk.get().run?.counted ?? 0
  const [form, setForm] = useState<StopForm>({ ...INITIAL_STOP, targetCells: String(nextTarget(counted)) })
  const [problem, setProblem] = useState<string | null>(null)
  const close = (): void => openDialog(null)

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    const parsed = stopRequestOf(form)
    if ('problem' in parsed) return setProblem(parsed.problem)
    const refused = await continueScan(parsed.request)
    if (refused) setProblem(`${refused.message} ${refused.remedy}`)
    else close()
  }

  return (
    <Dialog title="Go on with this scan" testId="continue-dialog" onClose={close}>
      <form className="dialog-body" onSubmit={(event) => void submit(event)} noValidate>
        <div className="form">
          <StopFields
            form={form}
            onChange={(patch) => {
              setForm((before) => ({ ...before, ...patch }))
              setProblem(null)
            }}
          />
          <span className="note">
            {counted} cells are counted. The same slide, the same model; what was counted and labelled stays.
          </span>
        </div>
        <p className="form-problem" role="alert">
          {problem}
        </p>
        <div className="dialog-actions">
          <button type="button" onClick={close}>
            Cancel
          </button>
          <button type="submit" className="primary" data-testid="continue-start" disabled={busy}>
            <Icon name="play" /> Go on
          </button>
        </div>
      </form>
    </Dialog>
  )
}

/** The next 500. */
const nextTarget = (counted: number): number => 500 * (Math.floor(counted / 500) + 1)
