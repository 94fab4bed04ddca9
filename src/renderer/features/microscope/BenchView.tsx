import type { MicroscopeView } from '../../../shared/contract/microscope.ts'
import { openDialog } from '../../app/dialogs.ts'
import { timeOfDay } from '../../ui/format.ts'
import { Icon } from '../../ui/Icon.tsx'
import { LiveShade } from '../tally/LiveShade.tsx'
import { toggleTally } from '../tally/tally-actions.ts'
import { useTally } from '../tally/tally-store.ts'
import { CameraPanel } from './CameraPanel.tsx'
import { GoTo } from './GoTo.tsx'
import { Histogram } from './Histogram.tsx'
import { Joystick } from './Joystick.tsx'
import { useLivePicture } from './live-picture.ts'
import { disconnect, halt, home, retract, showBench } from './microscope-actions.ts'
import { useMicroscope } from './microscope-store.ts'
import { activityWords } from './microscope-words.ts'
import { StagePosition } from './StagePosition.tsx'
import './bench-view.css'

/** The microscope in one's hands: what the camera sees, where the stage is, and everything that moves it. */
export function BenchView() {
  const view = useMicroscope((state) => state.view)
  const tallyShown = useTally((state) => state.shown)
  const refused = useMicroscope((state) => state.problem)
  const picture = useLivePicture(view?.frame?.sequence ?? null)
  const problem = refused ?? view?.problem ?? null
  return (
    <section className="bench-view" data-region="bench" data-testid="bench-view" aria-label="Microscope" tabIndex={-1}>
      <header className="bench-head">
        <h2>{view?.rig?.name ?? 'Microscope'}</h2>
        <span className="muted" data-testid="bench-identity">
          {view?.stage?.identity}
        </span>
        <span className="spread" />
        <button type="button" data-testid="bench-connect" onClick={() => openDialog('connect')}>
          {view?.rig ? 'Another microscope…' : 'Connect…'}
        </button>
        <button type="button" data-testid="bench-calibrate" onClick={() => openDialog('calibration')}>
          Calibrate…
        </button>
        <button type="button" aria-pressed={tallyShown} title="Shift H" data-testid="bench-tally" onClick={toggleTally}>
          Count by hand
        </button>
        {view?.holder === 'hands' && (
          <button type="button" data-testid="disconnect" onClick={() => void disconnect()}>
            Disconnect
          </button>
        )}
        <button
          type="button"
          className="plain"
          aria-label="Back to the slide"
          title="Back to the slide (Shift B)"
          data-testid="bench-close"
          onClick={() => showBench(false)}
        >
          <Icon name="close" />
        </button>
      </header>
      <div className="bench-picture" data-testid="bench-picture">
        {picture ? (
          <img src={picture} alt="Newest frame of the camera" draggable={false} />
        ) : (
          <p className="muted">
            {view?.camera
              ? 'Waiting for the camera…'
              : 'Connect a microscope to see what its camera sees. Nothing moves by that.'}
          </p>
        )}
        {picture && view?.camera && <LiveShade widthPx={view.camera.widthPx} heightPx={view.camera.heightPx} />}
      </div>
      <div className="bench-side">
        {view && <Side view={view} />}
        {problem && (
          <p className="bench-problem" role="alert" data-testid="bench-problem">
            <b>{problem.message}</b> {problem.remedy}
          </p>
        )}
      </div>
      {view && <Log view={view} />}
    </section>
  )
}

function Side({ view }: { readonly view: MicroscopeView }) {
  const { stage, camera, frame } = view
  const enabled = view.holder === 'hands' && !view.connecting
  const still = enabled && view.activity === null
  const fieldUm = camera && camera.pixelSizeUm !== null ? camera.pixelSizeUm * camera.widthPx : null
  if (!stage) return <p data-testid="bench-state">{activityWords(view)}</p>
  return (
    <>
      {frame && <Histogram frame={frame} />}
      <section aria-label="Stage">
        <h3>Stage</h3>
        <p data-testid="bench-state" data-holder={view.holder} data-activity={view.activity ?? ''}>
          {activityWords(view)}
        </p>
        <StagePosition position={stage.position} />
        <ZScale stage={stage} />
        <div className="bench-row">
          <button type="button" className="halt" data-testid="halt" title="Esc" onClick={() => void halt()}>
            <Icon name="stop" /> Halt
          </button>
          <button type="button" data-testid="retract" disabled={!still} onClick={() => void retract()}>
            Objective away
          </button>
          {stage.canHome && (
            <button type="button" data-testid="home" disabled={!still} onClick={() => void home()}>
              Home
            </button>
          )}
        </div>
        <Joystick enabled={enabled} fieldUm={fieldUm} />
        <GoTo stage={stage} enabled={still} />
        {view.holder === 'scan' && (
          <p className="muted">
            It comes back to your hands when the scan is over. Halt stops it at once: the scan fails and can be resumed.
          </p>
        )}
      </section>
      {camera && <CameraPanel camera={camera} enabled={enabled} />}
      <p className="muted" data-testid="optics">
        {view.objective === null ? 'The objective is changed by hand.' : `Objective: ${view.objective}.`}{' '}
        {view.lamp === null ? 'The lamp is set by hand.' : `Lamp at ${Math.round(100 * view.lamp)} %.`}
      </p>
    </>
  )
}

/** Where the focus is between its limits: the slide is at the right. */
function ZScale({ stage }: { readonly stage: NonNullable<MicroscopeView['stage']> }) {
  const { minUm, maxUm } = stage.limits.z
  const share = (um: number) => `${(100 * (um - minUm)) / (maxUm - minUm)}%`
  return (
    <div className="z-scale" role="img" aria-label={`Focus between ${minUm} and ${maxUm} micrometres`}>
      <i className="retracted" style={{ left: share(stage.retractedZUm) }} title="Objective clear of the slide" />
      {stage.position && <b style={{ left: share(stage.position.zUm) }} />}
      <span>{minUm}</span>
      <span>z limit {maxUm} µm</span>
    </div>
  )
}

function Log({ view }: { readonly view: MicroscopeView }) {
  if (view.log.length === 0) return null
  return (
    <ol className="bench-log" data-testid="bench-log" aria-label="What happened, the newest first">
      {view.log.toReversed().map((line) => (
        <li key={`${line.at} ${line.message}`} data-kind={line.kind}>
          <time dateTime={line.at}>{timeOfDay(line.at)}</time> {line.message}
        </li>
      ))}
    </ol>
  )
}
