import { Row } from './Row.tsx'

interface Props<Value extends string> {
  readonly label: string
  readonly testId: string
  readonly value: Value | ''
  /** The value and what a person reads. */
  readonly options: readonly (readonly [Value, string])[]
  readonly onChange: (value: Value) => void
  readonly note?: string
}

/** A line of a form that holds one of a few. */
export function SelectRow<Value extends string>({ label, note, testId, value, options, onChange }: Props<Value>) {
  return (
    <Row label={label} note={note}>
      {(id) => (
        <select id={id} data-testid={testId} value={value} onChange={(event) => onChange(event.target.value as Value)}>
          {options.map(([option, words]) => (
            <option key={option} value={option}>
              {words}
            </option>
          ))}
        </select>
      )}
    </Row>
  )
}
