import { type ReactNode, useId } from 'react'

interface Props {
  readonly label: string
  readonly note?: string
  readonly children: (id: string) => ReactNode
}

/** A line of a form: its label, its field, and what there is to know. */
export function Row({ label, note, children }: Props) {
  const id = useId()
  return (
    <>
      <label htmlFor={id}>{label}</label>
      {children(id)}
      {note && <span className="note">{note}</span>}
    </>
  )
}
