import { type ReactNode, useEffect, useRef } from 'react'
import { Icon } from './Icon.tsx'
import './dialog.css'

interface Props {
  readonly title: string
  readonly onClose: () => void
  readonly children: ReactNode
  readonly testId?: string
  readonly wide?: boolean
}

/** A modal dialog: the platform's own, which keeps the focus inside and gives it back, and closes on Escape. */
export function Dialog({ title, onClose, children, testId, wide = false }: Props) {
  const element = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const dialog = element.current
    if (dialog && !dialog.open) {
      dialog.showModal()
      // The first field rather than the close button, which comes first in the document.
      dialog.querySelector<HTMLElement>('input, select')?.focus()
    }
    return () => dialog?.close()
  }, [])
  return (
    <dialog
      ref={element}
      className={wide ? 'dialog wide' : 'dialog'}
      aria-label={title}
      data-testid={testId}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
    >
      <header>
        <h2>{title}</h2>
        <button type="button" className="plain" aria-label="Close" title="Close (Esc)" onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      {children}
    </dialog>
  )
}
