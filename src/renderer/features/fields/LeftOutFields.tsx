import { useMemo, useState } from 'react'
import { fieldsText, leftOutAdvice, leftOutCounts } from '../../../shared/quality/words.ts'
import { slideShiftWords } from '../../../shared/slide-shift-words.ts'
import { useDesk } from '../../app/desk.ts'
import { decideFields, fieldWords, showField } from './field-actions.ts'
import './fields.css'

/** What changed in the course of the run: said once, beside the counts it may touch. */
export function RunFlags() {
  const flags = useDesk((state) => state.run?.flags) ?? []
  const shift = useDesk((state) => state.run?.slideShift ?? null)
  if (flags.length === 0 && !shift) return null
  return (
    <ul className="run-flag-list" aria-label="What changed in the course of the run" data-testid="run-flag-list">
      {shift && <li data-testid="slide-shift">{slideShiftWords(shift, 'µm')}</li>}
      {flags.map(({ kind, field, words }) => (
        <li key={kind}>
          <span aria-hidden="true">⚑</span> {words} <span className="muted">Sure from field {field + 1}.</span>
        </li>
      ))}
    </ul>
  )
}

/** Which fields do not count, why, and the way back. */
export function LeftOutFields() {
  const all = useDesk((state) => state.fields)
  const cells = useDesk((state) => state.differential?.leftOut.cells ?? 0)
  const [open, setOpen] = useState(false)
  const fields = useMemo(() => all.filter(({ leftOut }) => leftOut !== null), [all])
  if (fields.length === 0) return null
  const advice = leftOutAdvice(fields)
  return (
    <div className="left-out" data-testid="left-out">
      <p>
        <button
          type="button"
          className="link"
          data-testid="left-out-toggle"
          aria-expanded={open}
          title="Their cells are found and named, but count in no number here."
          onClick={() => setOpen(!open)}
        >
          Left out {fieldsText(fields.length)}
        </button>{' '}
        <span className="muted">
          {leftOutCounts(fields)}; {cells} cells
        </span>
      </p>
      {open && advice && (
        <p className="muted" data-testid="left-out-advice">
          {advice}
        </p>
      )}
      {open && (
        <ul aria-label="Fields left out">
          {fields.map((field) => (
            <li key={field.index} data-testid={`left-out-${field.index}`}>
              <button
                type="button"
                className="plain"
                title="Show the field on the slide"
                onClick={() => showField(field)}
              >
                {fieldWords(field)}
              </button>
              <button
                type="button"
                data-testid={`bring-back-${field.index}`}
                title="Its cells count again (U takes it back)"
                onClick={() => decideFields([field.index], false)}
              >
                Bring back
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
