import { useId, useState } from 'react'
import { SCAN_ORDERS, type ScanOrder } from '../../../shared/contract/area.ts'
import { Icon } from '../../ui/Icon.tsx'
import { SelectRow } from '../../ui/SelectRow.tsx'
import { areaWords } from '../overview/area-words.ts'
import type { ScanForm } from './scan-form.ts'

const ORDER_WORDS: Readonly<Record<ScanOrder, string>> = {
  serpentine: 'Serpentine, row by row',
  nearest: 'Nearest first, from the middle outwards',
}

interface Props {
  readonly form: ScanForm
  /** What is in the way, in words; null: nothing. */
  readonly onChoose: () => string | null
  readonly onChange: (patch: Partial<ScanForm>) => void
}

/** Where a scan counts: what the rig says, or an area chosen on a look over the smear; and in which order. */
export function AreaRow({ form, onChoose, onChange }: Props) {
  const id = useId()
  const [problem, setProblem] = useState<string | null>(null)
  return (
    <>
      <label htmlFor={id}>Where</label>
      <div className="area-row">
        <span data-testid="scan-area">{whereWords(form)}</span>
        <button id={id} type="button" data-testid="open-overview" onClick={() => setProblem(onChoose())}>
          <Icon name="map" /> {form.area ? 'Choose again' : 'Look over the smear first'}
        </button>
        {form.area && (
          <button type="button" className="plain" data-testid="clear-area" onClick={() => onChange({ area: null })}>
            Whole area
          </button>
        )}
      </div>
      {problem && (
        <span className="note" role="alert">
          {problem}
        </span>
      )}
      <SelectRow
        label="Order"
        testId="scan-order"
        value={form.order}
        options={SCAN_ORDERS.map((order) => [order, ORDER_WORDS[order]] as const)}
        onChange={(order) => onChange({ order })}
      />
    </>
  )
}

function whereWords({ area, kind }: ScanForm): string {
  if (area) return areaWords(area)
  return kind === 'microscope' ? 'The area in its rig file' : 'The smear’s thin part'
}
