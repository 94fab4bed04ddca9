import { type FormEvent, type ReactNode, useState } from 'react'
import { Dialog } from './Dialog.tsx'
import { Icon } from './Icon.tsx'

interface Props {
  readonly title: string
  readonly testId: string
  /** What the form does, on its button. */
  readonly verb: string
  readonly verbTestId: string
  /** Something else is under way. */
  readonly busy: boolean
  /** What stands in the way, in words; null: it is done, and the dialog closes. */
  readonly onSubmit: () => string | null | Promise<string | null>
  readonly onClose: () => void
  readonly children: ReactNode
}

/** A dialog with a form that begins something: what is in its way stands below it until something is changed. */
export function FormDialog({ title, testId, verb, verbTestId, busy, onSubmit, onClose, children }: Props) {
  const [problem, setProblem] = useState<string | null>(null)
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    const found = await onSubmit()
    if (found === null) onClose()
    else setProblem(found)
  }
  return (
    <Dialog title={title} testId={testId} onClose={onClose}>
      <form
        className="dialog-body"
        noValidate
        onSubmit={(event) => void submit(event)}
        onChange={() => setProblem(null)}
      >
        <div className="form">{children}</div>
        <p className="form-problem" role="alert">
          {problem}
        </p>
        <div className="dialog-actions">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="primary" data-testid={verbTestId} disabled={busy}>
            <Icon name="play" /> {verb}
          </button>
        </div>
      </form>
    </Dialog>
  )
}
