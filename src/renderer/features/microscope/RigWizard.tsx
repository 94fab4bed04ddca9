import { useState } from 'react'
import { Row } from '../../ui/Row.tsx'
import { SelectRow } from '../../ui/SelectRow.tsx'
import { TextRow } from '../../ui/TextRow.tsx'
import { PortFinder } from './PortFinder.tsx'
import { RigTrial } from './RigTrial.tsx'
import { CAMERA_CHOICES, DRIVER_CHOICES, NEW_DRAFT, OPTION_EXAMPLES, type RigDraft, textOfDraft } from './rig-draft.ts'
import { useRigCheck } from './use-rig-check.ts'

const STEPS = ['Stage controller', 'Travel', 'Camera', 'Name and trial'] as const

interface Props {
  readonly onBack: () => void
  readonly onDone: () => void
}

/** Step by step from a plugged-in microscope to its rig file. Nothing moves on the way. */
export function RigWizard({ onBack, onDone }: Props) {
  const [step, setStep] = useState(0)
  const [draft, setDraft] = useState<RigDraft>(NEW_DRAFT)
  const change = (patch: Partial<RigDraft>): void => setDraft((before) => ({ ...before, ...patch }))
  const { rig, problems } = useRigCheck(textOfDraft(draft))
  const text = (key: keyof RigDraft & string, label: string, note?: string) => (
    <TextRow
      label={label}
      note={note}
      testId={`draft-${key}`}
      value={String(draft[key])}
      onChange={(value) => change({ [key]: value })}
    />
  )
  const limit = (axis: 'x' | 'y' | 'z') => (
    <Row key={axis} label={`${axis}, µm`}>
      {(id) => (
        <span className="row">
          {(['min', 'max'] as const).map((end) => (
            <input
              key={end}
              id={end === 'min' ? id : undefined}
              aria-label={`${axis} ${end === 'min' ? 'from' : 'to'}`}
              placeholder={end === 'min' ? 'from' : 'to'}
              data-testid={`draft-${axis}-${end}`}
              inputMode="decimal"
              value={draft.limits[axis][end]}
              onChange={(event) =>
                change({ limits: { ...draft.limits, [axis]: { ...draft.limits[axis], [end]: event.target.value } } })
              }
            />
          ))}
        </span>
      )}
    </Row>
  )
  const example = OPTION_EXAMPLES[draft.driver]
  return (
    <>
      <ol className="wizard-steps">
        {STEPS.map((name, i) => (
          <li key={name} aria-current={i === step ? 'step' : undefined}>
            {i + 1} {name}
          </li>
        ))}
      </ol>
      <div className="form" hidden={step !== 0}>
        <PortFinder
          port={draft.port}
          onFound={(found) =>
            change({
              port: found.path,
              ...(found.controller && { driver: found.controller.driver, baud: String(found.controller.baud) }),
            })
          }
        />
        {text('port', 'Port', 'As the system names it: /dev/ttyUSB0, COM3.')}
        <SelectRow
          label="Controller"
          testId="draft-driver"
          value={draft.driver}
          options={DRIVER_CHOICES}
          onChange={(driver) => change({ driver, options: '' })}
        />
        {text('baud', 'Baud rate', 'Empty: the usual one.')}
        {text('options', 'Driver options', example ? `Needed: ${example}` : 'As JSON; empty: none.')}
      </div>
      <div className="form" hidden={step !== 1}>
        <p className="muted wide-row">
          The stage refuses to go beyond these before anything moves. z counts towards the slide: its maximum is what
          keeps the objective off the glass.
        </p>
        {limit('x')}
        {limit('y')}
        {limit('z')}
        {text(
          'retractedZUm',
          'Objective clear, z µm',
          'Where the objective is clear of anything on the slide; it goes there first.',
        )}
        {text('workingZUm', 'Slide in focus, z µm', 'Roughly: where a focus search starts.')}
        {text('speedXy', 'Speed, mm/s')}
        {text('speedZ', 'Focus speed, mm/s')}
      </div>
      <div className="form" hidden={step !== 2}>
        <SelectRow
          label="Camera"
          testId="draft-camera"
          value={draft.camera}
          options={CAMERA_CHOICES}
          onChange={(camera) => change({ camera })}
        />
        {draft.camera === 'simulated' &&
          text('emulator', 'Emulated stage on', 'The other end of the cable to the stage’s port.')}
        {draft.camera === 'ffmpeg' &&
          text('format', 'Input', 'v4l2 (Linux), dshow (Windows), avfoundation (macOS), lavfi (test pictures).')}
        {draft.camera === 'ffmpeg' && text('source', 'Source', '/dev/video0, video=NAME, rtsp://…')}
        {draft.camera === 'aravis' && text('aravisCamera', 'Camera', 'Empty: the only one there is.')}
        {draft.camera === 'folder' && text('images', 'Folder')}
        {draft.camera !== 'simulated' && text('widthPx', 'Width, px')}
        {draft.camera !== 'simulated' && text('heightPx', 'Height, px')}
        {(draft.camera === 'ffmpeg' || draft.camera === 'aravis') && text('framesPerS', 'Frames a second')}
        {draft.camera !== 'simulated' &&
          text('pixelSizeUm', 'Pixel size, µm', 'Empty: not known yet; calibration measures it.')}
      </div>
      <div hidden={step !== 3}>
        <div className="form">{text('name', 'Name', 'As it is to be listed: the room, the stand.')}</div>
        <RigTrial rig={rig} problems={problems} onSaved={onDone} />
      </div>
      <div className="dialog-actions">
        <button type="button" onClick={() => (step === 0 ? onBack() : setStep(step - 1))}>
          Back
        </button>
        {step < STEPS.length - 1 && (
          <button type="button" className="primary" data-testid="wizard-next" onClick={() => setStep(step + 1)}>
            Next
          </button>
        )}
      </div>
    </>
  )
}
