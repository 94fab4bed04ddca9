import { useState } from 'react'
import { desk } from '../../app/desk.ts'
import { openDialog, setReader } from '../../app/dialogs.ts'
import { Dialog } from '../../ui/Dialog.tsx'

/** Asks whose name the labels carry; once on a bench, and again from the footer. */
export function ReaderDialog() {
  const [name, setName] = useState(desk.get().reader || window.medullaDesktop?.userName || '')
  const given = name.trim()
  return (
    <Dialog title="Who is reading?" testId="reader-dialog" onClose={() => openDialog(null)}>
      <form
        className="dialog-body"
        onSubmit={(event) => {
          event.preventDefault()
          if (given !== '') setReader(given)
        }}
      >
        <div className="form">
          <label htmlFor="reader-name">Reader</label>
          <input
            id="reader-name"
            data-testid="reader-name"
            maxLength={100}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
          <span className="note">
            Each label keeps the name of who gave it. Kept on this computer; change it at the foot of the window.
          </span>
        </div>
        <div className="dialog-actions">
          <button type="button" onClick={() => openDialog(null)}>
            Cancel
          </button>
          <button type="submit" className="primary" data-testid="reader-save" disabled={given === ''}>
            Go on
          </button>
        </div>
      </form>
    </Dialog>
  )
}
