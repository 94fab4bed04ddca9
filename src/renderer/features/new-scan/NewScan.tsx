import { useState } from 'react'
import type { StoredRig } from '../../../shared/contract/rigs.ts'
import { useDesk } from '../../app/desk.ts'
import { openDialog } from '../../app/dialogs.ts'
import { startScanOf } from '../../app/run-actions.ts'
import { FormDialog } from '../../ui/FormDialog.tsx'
import { Icon } from '../../ui/Icon.tsx'
import { Row } from '../../ui/Row.tsx'
import { SelectRow } from '../../ui/SelectRow.tsx'
import { TextRow } from '../../ui/TextRow.tsx'
import { connectedRig, microscopeStore, useMicroscope } from '../microscope/microscope-store.ts'
import { openOverviews } from '../overview/overview-store.ts'
import { PROFILES } from '../runbar/words.ts'
import { StopFields } from '../stopping/StopFields.tsx'
import { CountedAhead } from '../tally/CountedAhead.tsx'
import { AreaRow } from './AreaRow.tsx'
import { keepDraft, keepLast, lastForm, takeCase, takeDraft } from './scan-draft.ts'
import { changed, chosenRig, requestOf, type ScanForm } from './scan-form.ts'
import './new-scan.css'

const KINDS = { simulated: 'Simulated', microscope: 'Microscope', folder: 'Folder' } as const
const STAGES = [
  ['good', 'Good'],
  ['worn', 'Worn'],
] as const
const SPEEDS = [
  ['1', 'As a real stage'],
  ['10', '10 times faster'],
  ['100', '100 times faster'],
] as const

/** What is connected is most likely what is to be scanned with. */
function inHand(): Partial<ScanForm> {
  const rig = connectedRig(microscopeStore.get())
  return rig ? { kind: 'microscope', rigId: rig.rigId } : {}
}

export function NewScan() {
  const cases = useDesk((state) => state.cases)
  const busy = useDesk((state) => state.busy !== null)
  const rigs = useMicroscope((state) => state.rigs)
  const [form, setForm] = useState<ScanForm>(
    () => takeDraft() ?? { ...lastForm(), ...inHand(), caseId: takeCase(), accession: '' },
  )
  const change = (patch: Partial<ScanForm>): void => setForm((before) => changed(before, patch, rigs ?? []))
  const close = (): void => openDialog(null)

  const submit = async (): Promise<string | null> => {
    const parsed = requestOf(form, rigs ?? [])
    if ('problem' in parsed) return parsed.problem
    keepLast(form)
    const refused = await startScanOf(parsed.request)
    return refused && `${refused.message} ${refused.remedy}`
  }

  /** The form waits while its area is chosen; what stands in the way of that is told in words. */
  const chooseArea = (): string | null => {
    const parsed = requestOf(form, rigs ?? [])
    if ('problem' in parsed) return parsed.problem
    const { rig, targetCells } = parsed.request.run
    if (rig.kind === 'folder') return null
    keepDraft(form)
    void openOverviews(rig, targetCells)
    openDialog('overview')
    return null
  }

  const chooseFolder = async (): Promise<void> => {
    const folder = await window.medullaDesktop?.chooseFolder()
    if (folder) change({ images: folder })
  }

  return (
    <FormDialog
      title="New scan"
      testId="new-scan"
      verb="Start scan"
      verbTestId="start-scan"
      busy={busy}
      onSubmit={submit}
      onClose={close}
    >
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
          <TextRow
            label="Objective"
            note="As it was calibrated; empty: the microscope has but one."
            testId="scan-objective"
            value={form.objective}
            maxLength={40}
            onChange={(objective) => change({ objective })}
          />
        </>
      )}
      {form.kind === 'simulated' && (
        <>
          <SelectRow
            label="Smear"
            testId="profile"
            value={form.profile}
            options={PROFILES}
            onChange={(profile) => change({ profile })}
          />
          <TextRow
            label="Seed"
            note="The same seed gives the same smear."
            testId="seed"
            numeric="numeric"
            value={form.seed}
            onChange={(seed) => change({ seed })}
          />
          <SelectRow
            label="Stage"
            note="The worn one is off by 5 µm rms and has 3 µm of backlash, and does not know it."
            testId="stage"
            value={form.stage}
            options={STAGES}
            onChange={(stage) => change({ stage })}
          />
          <SelectRow
            label="Speed"
            testId="speed"
            value={form.speed}
            options={SPEEDS}
            onChange={(speed) => change({ speed })}
          />
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
          <TextRow
            label="Pixel size, µm"
            note="Micrometres of the slide under one pixel; ask whoever calibrated the camera."
            testId="pixel-size"
            numeric="decimal"
            value={form.estimatePixelSize ? '' : form.pixelSizeUm}
            placeholder={form.estimatePixelSize ? 'estimated' : ''}
            disabled={form.estimatePixelSize}
            onChange={(pixelSizeUm) => change({ pixelSizeUm })}
          />
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
      {form.kind !== 'folder' && <AreaRow form={form} onChoose={chooseArea} onChange={change} />}
      <StopFields form={form} onChange={change} />
      <SelectRow
        label="Case"
        testId="case"
        value={form.caseId}
        options={[
          ['new', 'New case'] as const,
          ...(cases ?? []).map(({ caseId, accession }) => [String(caseId), accession] as const),
        ]}
        onChange={(caseId) => change({ caseId })}
      />
      {form.caseId !== 'new' && <CountedAhead {...rigAndCase(form, rigs ?? [])} />}
      {form.caseId === 'new' && (
        <TextRow
          label="Case number"
          note="Empty: numbered by Medulla."
          testId="accession"
          value={form.accession}
          onChange={(accession) => change({ accession })}
        />
      )}
    </FormDialog>
  )
}

function rigAndCase(form: ScanForm, rigs: readonly StoredRig[]): Parameters<typeof CountedAhead>[0] {
  const parsed = requestOf(form, rigs)
  return 'problem' in parsed
    ? { caseId: null, rig: null }
    : { caseId: parsed.request.run.caseId, rig: parsed.request.run.rig }
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
    <SelectRow
      label="Microscope"
      note="If it is connected, it goes on from there; else it is opened for the scan."
      testId="scan-rig"
      value={chosenRig(form, sound)?.rigId ?? ''}
      options={sound.map(({ rigId, rig }) => [rigId, rig?.name ?? rigId] as const)}
      onChange={onChoose}
    />
  )
}
