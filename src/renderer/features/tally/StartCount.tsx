import { useState } from 'react'
import type { TallyPurpose } from '../../../shared/contract/counted-areas.ts'
import type { TallyPlace } from '../../../shared/contract/tally.ts'
import { useDesk } from '../../app/desk.ts'
import { Icon } from '../../ui/Icon.tsx'
import { SelectRow } from '../../ui/SelectRow.tsx'
import { TextRow } from '../../ui/TextRow.tsx'
import { useMicroscope } from '../microscope/microscope-store.ts'
import { startCounting } from './tally-actions.ts'
import { placeShown } from './tally-place.ts'

const TARGETS = [
  ['100', '100 cells'],
  ['200', '200 cells'],
  ['500', '500 cells'],
  ['', 'never'],
] as const
const PURPOSES = [
  ['add', 'Count what nobody has counted'],
  ['compare', 'Compare with the machine'],
] as const

const NOTES: Readonly<Record<TallyPurpose, string>> = {
  add: 'What was counted before is shaded: leave it out. The rest is added to the case.',
  compare: 'Count every cell in view. It is held against the machine, and never added to it.',
}

const NO_PLACE = 'Nobody knows the place: what was counted there before cannot be told.'

/** Where, what for, and when to ring; then letters count. */
export function StartCount() {
  const run = useDesk((state) => state.run)
  const cases = useDesk((state) => state.cases)
  const slide = useDesk((state) => state.slide)
  const inHands = useMicroscope((state) => state.view?.holder === 'hands')
  // The picture in the middle of the window is what is proposed.
  const shown = useMicroscope((state) => placeShown(state.shown, state.view?.holder === 'hands'))
  const [chosen, setPlace] = useState<TallyPlace | null>(null)
  const [purpose, setPurpose] = useState<TallyPurpose | null>(null)
  const [target, setTarget] = useState<string>('200')
  const [caseChosen, setCase] = useState<string | null>(null)
  const [accession, setAccession] = useState('')
  const places = [
    ...(inHands ? [['live', 'Live image of the microscope'] as const] : []),
    ...(slide && run ? [['slide', `Image of run ${run.runId}`] as const] : []),
    ['none', 'Eyepiece: the place is not known'] as const,
  ]
  const place = places.some(([each]) => each === chosen)
    ? chosen!
    : places.some(([each]) => each === shown)
      ? shown
      : 'none'
  const wanted = purpose ?? (place === 'slide' ? 'compare' : 'add')
  const caseOptions = [
    ...(cases ?? []).map((each) => [String(each.caseId), each.accession] as const),
    ['new', 'New case'] as const,
  ]
  // The image that is counted on is of one case.
  const ofRun = place === 'slide' && run ? String(run.caseId) : null
  const caseId = ofRun ?? caseChosen ?? String(run?.caseId ?? cases?.[0]?.caseId ?? 'new')
  const ready = caseId !== 'new' || accession.trim() !== ''
  return (
    <form
      className="tally-start"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        // The letters are for counting from now on.
        if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
        startCounting({
          caseId: caseId === 'new' ? null : Number(caseId),
          accession: accession.trim(),
          place,
          purpose: wanted,
          targetCells: target === '' ? null : Number(target),
        })
      }}
    >
      <div className="form">
        <SelectRow label="Look at" testId="tally-place" value={place} options={places} onChange={setPlace} />
        <SelectRow
          label="To"
          testId="tally-purpose"
          value={wanted}
          options={PURPOSES}
          onChange={setPurpose}
          note={place === 'none' ? NO_PLACE : NOTES[wanted]}
        />
        <SelectRow label="Ring at" testId="tally-target" value={target} options={TARGETS} onChange={setTarget} />
        {ofRun === null && (
          <SelectRow label="Case" testId="tally-case" value={caseId} options={caseOptions} onChange={setCase} />
        )}
        {caseId === 'new' && (
          <TextRow
            label="Case number"
            testId="tally-accession"
            value={accession}
            maxLength={64}
            onChange={setAccession}
          />
        )}
      </div>
      <div className="dialog-actions">
        <button type="submit" className="primary" data-testid="tally-start" disabled={!ready}>
          <Icon name="play" /> Count
        </button>
      </div>
    </form>
  )
}
