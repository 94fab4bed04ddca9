import { Row } from './Row.tsx'

interface Props {
  readonly label: string
  readonly testId: string
  readonly value: string
  readonly onChange: (value: string) => void
  readonly note?: string
  readonly numeric?: 'numeric' | 'decimal'
  readonly placeholder?: string
  readonly maxLength?: number
  readonly disabled?: boolean
}

/** A line of a form that holds a word or a number, as typed. */
export function TextRow({ label, note, testId, numeric, onChange, ...input }: Props) {
  return (
    <Row label={label} note={note}>
      {(id) => (
        <input
          id={id}
          data-testid={testId}
          inputMode={numeric}
          spellCheck={false}
          {...input}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Row>
  )
}
