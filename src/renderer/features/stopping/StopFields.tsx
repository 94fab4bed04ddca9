import { type ReactNode, useId } from 'react'
import type { ClassCode } from '../../../shared/taxonomy.ts'
import { ASSURED_CLASSES, type StopForm, THRESHOLD_GROUPS, thresholdNote } from './stop-form.ts'
import './stopping.css'

interface Props {
  readonly form: StopForm
  readonly onChange: (patch: Partial<StopForm>) => void
}

/** What ends a scan: rows of a form's grid. */
export function StopFields({ form, onChange }: Props) {
  const cells = useId()
  return (
    <>
      <label htmlFor={cells}>Cells to count</label>
      <input
        id={cells}
        data-testid="target-cells"
        inputMode="numeric"
        value={form.targetCells}
        onChange={(event) => onChange({ targetCells: event.target.value })}
      />
      <span className="note">Empty: everything there is. Of several ends, the first one met counts.</span>
      <span className="stop-ends-label">Or stop</span>
      <div className="stop-ends">
        <End
          testId="by-threshold"
          label="when a share is clear of a threshold"
          checked={form.byThreshold}
          onCheck={(byThreshold) => onChange({ byThreshold })}
          note={`${thresholdNote(form.thresholdGroup) ?? ''} The share is corrected for the model's known mistakes; looking often is accounted for.`}
        >
          <Choice
            label="Cells of the share"
            testId="threshold-group"
            value={form.thresholdGroup}
            options={THRESHOLD_GROUPS}
            onChange={(thresholdGroup) => onChange({ thresholdGroup })}
          />
          clear of
          <Figure
            label="Threshold, percent"
            testId="threshold-percent"
            value={form.thresholdPercent}
            onChange={(thresholdPercent) => onChange({ thresholdPercent })}
          />
          %
          <span className="stop-end-line">
            after at least
            <Figure
              label="Least number of counted cells"
              testId="threshold-least"
              value={form.thresholdLeast}
              onChange={(thresholdLeast) => onChange({ thresholdLeast })}
            />
            cells
          </span>
        </End>
        <End
          testId="by-assurance"
          label="when there are cells enough to say of a rare class, if none is found"
          checked={form.byAssurance}
          onCheck={(byAssurance) => onChange({ byAssurance })}
          note="Takes thousands of cells: leave the number of cells above empty."
        >
          <Choice
            label="Rare class"
            testId="assurance-class"
            value={form.assuranceClass}
            options={ASSURED_CLASSES}
            onChange={(code) => onChange({ assuranceClass: code as ClassCode })}
          />
          at most
          <Figure
            label="Most it may be, percent"
            testId="assurance-percent"
            value={form.assurancePercent}
            onChange={(assurancePercent) => onChange({ assurancePercent })}
          />
          %
        </End>
        <End testId="by-time" label="after a time" checked={form.byTime} onCheck={(byTime) => onChange({ byTime })}>
          <Figure
            label="Minutes of scanning"
            testId="stop-minutes"
            value={form.minutes}
            onChange={(minutes) => onChange({ minutes })}
          />
          minutes of scanning
        </End>
      </div>
    </>
  )
}

interface EndProps {
  readonly label: string
  readonly testId: string
  readonly checked: boolean
  readonly onCheck: (checked: boolean) => void
  readonly note?: string
  readonly children: ReactNode
}

/** One more end of the scan: what it takes is asked for once it is wanted. */
function End({ label, testId, checked, onCheck, note, children }: EndProps) {
  return (
    <div className="stop-end">
      <label>
        <input
          type="checkbox"
          data-testid={testId}
          checked={checked}
          onChange={(event) => onCheck(event.target.checked)}
        />
        {label}
      </label>
      {checked && (
        <div className="stop-end-fields">
          {children}
          {note && <p className="note">{note.trim()}</p>}
        </div>
      )}
    </div>
  )
}

interface FieldProps {
  readonly label: string
  readonly testId: string
  readonly value: string
  readonly onChange: (value: string) => void
}

function Figure({ label, testId, value, onChange }: FieldProps) {
  return (
    <input
      className="figure"
      aria-label={label}
      title={label}
      data-testid={testId}
      inputMode="decimal"
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  )
}

function Choice({
  label,
  testId,
  value,
  options,
  onChange,
}: FieldProps & { readonly options: readonly { readonly value: string; readonly label: string }[] }) {
  return (
    <select aria-label={label} data-testid={testId} value={value} onChange={(event) => onChange(event.target.value)}>
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.label}
        </option>
      ))}
    </select>
  )
}
