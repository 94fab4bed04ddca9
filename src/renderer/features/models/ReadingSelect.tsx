import { useDesk } from '../../app/desk.ts'
import { showReading } from '../../app/run-link.ts'

/** Whose names are shown, where more than one model has read the run. */
export function ReadingSelect() {
  const readings = useDesk((state) => state.readings)
  const reading = useDesk((state) => state.reading)
  if (readings.length < 2) return null
  return (
    <select
      className="reading-select"
      aria-label="Whose names are shown"
      title="The model whose names are shown. What each said stays; a person's labels stand beside any of them."
      data-testid="reading"
      value={reading ?? ''}
      onChange={(event) => void showReading(event.target.value === '' ? null : Number(event.target.value))}
    >
      {readings.map((each) => (
        <option key={each.modelId} value={each.own ? '' : each.modelId}>
          {each.name} {each.version}
          {each.variant === 'int8' && ', 8 bit'}
          {each.own ? '' : each.finishedAt === null ? ` (${each.cells} cells so far)` : ' (again)'}
        </option>
      ))}
    </select>
  )
}
