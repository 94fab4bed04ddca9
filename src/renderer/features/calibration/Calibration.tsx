import { type KeyboardEvent, useEffect, useId } from 'react'
import { CALIBRATION_WORDS, calibrationValue } from '../../../shared/calibration-words.ts'
import { CALIBRATION_KINDS, type CalibrationKind } from '../../../shared/contract/calibration.ts'
import { RESEARCH_USE_ONLY } from '../../../shared/taxonomy.ts'
import { Dialog } from '../../ui/Dialog.tsx'
import { moment } from '../../ui/format.ts'
import {
  chooseKind,
  chooseRig,
  closeWizard,
  nameObjective,
  openWizard,
  stopMeasuring,
  useWizard,
} from './calibration-link.ts'
import { Step } from './Step.tsx'
import './calibration.css'

/** What is known of a microscope and what is not, and a guided measurement of each. */
export function Calibration() {
  const rigs = useWizard((state) => state.rigs)
  const chosen = useWizard((state) => state.chosen)
  const objective = useWizard((state) => state.objective)
  const busy = useWizard((state) => state.measuring?.state === 'working')
  const problem = useWizard((state) => state.problem)
  const [rigId, objectiveId] = [useId(), useId()]
  useEffect(() => {
    void openWizard()
    return stopMeasuring
  }, [])
  return (
    <Dialog title="Calibrate the microscope" testId="calibration" wide onClose={closeWizard}>
      <div className="dialog-body calibration">
        <div className="calibration-rig">
          <label htmlFor={rigId}>Microscope</label>
          <select
            id={rigId}
            data-testid="calibration-rig"
            value={chosen ?? ''}
            disabled={busy || rigs === null}
            onChange={(event) => chooseRig(event.target.value)}
          >
            {rigs?.map(({ key, title }) => (
              <option key={key} value={key}>
                {title}
              </option>
            ))}
          </select>
          <label htmlFor={objectiveId}>Objective</label>
          <input
            id={objectiveId}
            data-testid="calibration-objective"
            value={objective}
            placeholder="as it is"
            maxLength={40}
            disabled={busy}
            spellCheck={false}
            onChange={(event) => nameObjective(event.target.value)}
          />
        </div>
        {problem && (
          <p role="alert" className="calibration-problem">
            <b>{problem.message}</b> {problem.remedy}
          </p>
        )}
        <div className="calibration-steps">
          <Kinds />
          <Step />
        </div>
        <p className="muted">{RESEARCH_USE_ONLY}</p>
      </div>
    </Dialog>
  )
}

/** The measurements one below the other, with what is known by each; arrows go up and down. */
function Kinds() {
  const kind = useWizard((state) => state.kind)
  const known = useWizard((state) => state.known)
  const busy = useWizard((state) => state.measuring?.state === 'working')
  const onKey = (event: KeyboardEvent): void => {
    const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (by === 0 || busy) return
    event.preventDefault()
    const at = (CALIBRATION_KINDS.indexOf(kind) + by + CALIBRATION_KINDS.length) % CALIBRATION_KINDS.length
    const next = CALIBRATION_KINDS[at]!
    chooseKind(next)
    document.getElementById(tabId(next))?.focus()
  }
  return (
    <div
      className="calibration-kinds"
      role="tablist"
      aria-orientation="vertical"
      aria-label="Measurements"
      onKeyDown={onKey}
    >
      {CALIBRATION_KINDS.map((each) => {
        const found = known?.inUse.find(({ result }) => result.kind === each)
        return (
          <button
            key={each}
            id={tabId(each)}
            type="button"
            role="tab"
            aria-selected={each === kind}
            tabIndex={each === kind ? 0 : -1}
            disabled={busy && each !== kind}
            data-testid={`kind-${each}`}
            data-known={found !== undefined}
            onClick={() => chooseKind(each)}
          >
            <b>{CALIBRATION_WORDS[each].title}</b>
            {found && <em>{moment(found.measuredAt)}</em>}
            {found ? (
              <span title={calibrationValue(found.result)}>{calibrationValue(found.result)}</span>
            ) : (
              <span className="calibration-unknown">{known === null ? '…' : 'unknown'}</span>
            )}
          </button>
        )
      })}
    </div>
  )
}

const tabId = (kind: CalibrationKind): string => `calibration-${kind}`
