import { type FormEvent, useState } from 'react'
import type { StoredRig } from '../../../shared/contract/rigs.ts'
import { openDialog, startScanOf } from '../../app/actions.ts'
import { useDesk } from '../../app/desk.ts'
import { Dialog } from '../../ui/Dialog.tsx'
import { Icon } from '../../ui/Icon.tsx'
import { Row } from '../../ui/Row.tsx'
import { connectedRig, microscopeStore, useMicroscope } from '../microscope/microscope-store.ts'
import { PROFILES } from '../runbar/words.ts'
import { StopFields } from '../stopping/StopFields.tsx'
import { chosenRig, INITIAL_FORM, requestOf, type ScanForm } from './scan-form.ts'
import './new-scan.css'

const KINDS = { simulated: 'Simulated', microscope: 'Microscope', folder: 'Folder' } as const
const SPEEDS = [
  ['1', 'As a real stage'],
  ['10', '10 times faster'],
  ['100', '100 times faster'],
] as const

let lastForm = INITIAL_FORM

/** What is connected is most likely what is to be scanned with. */
function inHand(): Partial<ScanForm> {
  const rig = connectedRig(microscopeStore.get())
  return rig ? { kind: 'microscope', rigId: rig.rigId } : {}
}

export function NewScan() {
  const cases = useDesk((state) => state.cases)
  const busy = useDesk((state) => state.busy !== null)
  const rigs = useMicroscope((state) => state.rigs)
  const [form, setForm] = useState<ScanForm>(() => ({ ...lastForm, ...inHand(), caseId: 'new', accession: '' }))
  const [problem, setProblem] = useState<string | null>(null)
  const change = (patch: Partial<ScanForm>): void => {
    setForm((before) => ({ ...before, ...patch }))
    setProblem(null)
  }
  const close = (): void => openDialog(null)

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    const parsed = requestOf(form, rigs ?? [])
    if ('problem' in parsed) return setProblem(parsed.problem)
    lastForm = form
    const refused = await startScanOf(parsed.request)
    if (refused) setProblem(`${refused.message} ${refused.remedy}`)
    else close()
  }

  const chooseFolder = async (): Promise<void> => {
    const folder = await window.medullaDesktop?.chooseFolder()
    if (folder) change({ images: folder })
  }

  return (
    <Dialog title="New scan" testId="new-scan" onClose={close}>
      <form className="dialog-body" onSubmit={(event) => void submit(event)} noValidate>
        <div className="form">
          <span>Images from</span>
          <div className="segments">
            {(['simulated', 'microscope', 'folder'] as const).map((kind) => (
              <label key={kind}>
                <input
                  type="radio"
                  name="kind"
                  value={kind}
                  checked={form.kind === kind}
                  onChange={() => change({ kind })}
                />
                {KINDS[kind]}
              </label>
            ))}
          </div>
          {form.kind === 'microscope' && (
            <>
              <MicroscopeRow form={form} rigs={rigs} onChoose={(rigId) => change({ rigId })} />
              <Row label="Objective" note="As it was calibrated; empty: the microscope has but one.">
                {(id) => (
                  <input
                    id={id}
                    data-testid="scan-objective"
                    value={form.objective}
                    maxLength={40}
                    spellCheck={false}
                    onChange={(event) => change({ objective: event.target.value })}
                  />
                )}
              </Row>
            </>
          )}
          {form.kind === 'simulated' && (
            <>
              <Row label="Smear">
                {(id) => (
                  <select
                    id={id}
                    data-testid="profile"
                    value={form.profile}
                    onChange={(event) => change({ profile: event.target.value })}
                  >
                    {PROFILES.map(([value, words]) => (
                      <option key={value} value={value}>
                        {words}
                      </option>
                    ))}
                  </select>
                )}
              </Row>
              <Row label="Seed" note="The same seed gives the same smear.">
                {(id) => (
                  <input
                    id={id}
                    data-testid="seed"
                    inputMode="numeric"
                    value={form.seed}
                    onChange={(event) => change({ seed: event.target.value })}
                  />
                )}
              </Row>
              <Row label="Speed">
                {(id) => (
                  <select
                    id={id}
                    data-testid="speed"
                    value={form.speed}
                    onChange={(event) => change({ speed: event.target.value })}
                  >
                    {SPEEDS.map(([value, words]) => (
                      <option key={value} value={value}>
                        {words}
                      </option>
                    ))}
                  </select>
                )}
              </Row>
            </>
          )}
          {form.kind === 'folder' && (
            <>
              <Row label="Folder" note="Every JPEG, PNG or TIFF in it is a field of view.">
                {(id) => (
                  <div className="row">
                    <input
                      id={id}
                      data-testid="images"
                      value={form.images}
                      placeholder="/path/to/images"
                      spellCheck={false}
                      onChange={(event) => change({ images: event.target.value })}
                    />
                    {window.medullaDesktop && (
                      <button type="button" onClick={() => void chooseFolder()}>
                        <Icon name="folder" /> Choose
                      </button>
                    )}
                  </div>
                )}
              </Row>
              <Row
                label="Pixel size, µm"
                note="Micrometres of the slide under one pixel; ask whoever calibrated the camera."
              >
                {(id) => (
                  <input
                    id={id}
                    data-testid="pixel-size"
                    inputMode="decimal"
                    value={form.estimatePixelSize ? '' : form.pixelSizeUm}
                    placeholder={form.estimatePixelSize ? 'estimated' : ''}
                    disabled={form.estimatePixelSize}
                    onChange={(event) => change({ pixelSizeUm: event.target.value })}
                  />
                )}
              </Row>
              <span />
              <label className="row">
                <input
                  type="checkbox"
                  data-testid="estimate-pixel-size"
                  checked={form.estimatePixelSize}
                  onChange={(event) => change({ estimatePixelSize: event.target.checked })}
                />
                Not known: estimate it from the red cells
              </label>
              <span />
              <label className="row">
                <input
                  type="checkbox"
                  data-testid="watch"
                  checked={form.watch}
                  onChange={(event) => change({ watch: event.target.checked })}
                />
                Wait for new images until stopped
              </label>
            </>
          )}
          <StopFields form={form} onChange={change} />
          <Row label="Case">
            {(id) => (
              <select
                id={id}
                data-testid="case"
                value={form.caseId}
                onChange={(event) => change({ caseId: event.target.value })}
              >
                <option value="new">New case</option>
                {cases?.map((entry) => (
                  <option key={entry.caseId} value={entry.caseId}>
                    {entry.accession}
                  </option>
                ))}
              </select>
            )}
          </Row>
          {form.caseId === 'new' && (
            <Row label="Case number" note="Empty: numbered by Medulla.">
              {(id) => (
                <input
                  id={id}
                  data-testid="accession"
                  value={form.accession}
                  onChange={(event) => change({ accession: event.target.value })}
                />
              )}
            </Row>
          )}
        </div>
        <p className="form-problem" role="alert">
          {problem}
        </p>
        <div className="dialog-actions">
          <button type="button" onClick={close}>
            Cancel
          </button>
          <button type="submit" className="primary" data-testid="start-scan" disabled={busy}>
            <Icon name="play" /> Start scan
          </button>
        </div>
      </form>
    </Dialog>
  )
}

interface MicroscopeRowProps {
  readonly form: ScanForm
  readonly rigs: readonly StoredRig[] | null
  readonly onChoose: (rigId: string) => void
}

/** Which of the microscopes whose rig files are here. */
function MicroscopeRow({ form, rigs, onChoose }: MicroscopeRowProps) {
  const sound = (rigs ?? []).filter((each) => each.rig !== null)
  if (sound.length === 0) {
    return (
      <>
        <span>Microscope</span>
        <span>
          No rig file is here yet:{' '}
          <button type="button" className="link" onClick={() => openDialog('connect')}>
            connect a microscope
          </button>
        </span>
      </>
    )
  }
  return (
    <Row label="Microscope" note="If it is connected, it goes on from there; else it is opened for the scan.">
      {(id) => (
        <select
          id={id}
          data-testid="scan-rig"
          value={chosenRig(form, sound)?.rigId ?? ''}
          onChange={(event) => onChoose(event.target.value)}
        >
          {sound.map((each) => (
            <option key={each.rigId} value={each.rigId}>
              {each.rig?.name}
            </option>
          ))}
        </select>
      )}
    </Row>
  )
}
