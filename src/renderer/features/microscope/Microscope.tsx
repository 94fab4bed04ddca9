import { estimateWords } from '../../../shared/pixel-size-words.ts'
import { useDesk } from '../../app/desk.ts'
import { openDialog } from '../../app/dialogs.ts'
import { rigKind, rigWords, STATE_WORDS, stopWords } from '../runbar/words.ts'
import { useLivePicture } from './live-picture.ts'
import { showBench } from './microscope-actions.ts'
import { useMicroscope } from './microscope-store.ts'
import { activityWords } from './microscope-words.ts'
import { StagePosition } from './StagePosition.tsx'
import './microscope.css'

/** Where the stage is and what the camera sees, whoever has the microscope. */
export function Microscope() {
  const run = useDesk((state) => state.run)
  const live = useDesk((state) => state.live)
  const slide = useDesk((state) => state.slide)
  const view = useMicroscope((state) => state.view)
  const shown = useMicroscope((state) => state.shown)
  const scanning = run?.state === 'scanning'
  const inHand = view?.holder === 'hands' || view?.holder === 'task'
  const position = inHand ? (view.stage?.position ?? null) : (live?.stage ?? null)
  const frame = inHand ? (view.frame?.sequence ?? null) : scanning ? (live?.liveFrame ?? null) : null
  const picture = useLivePicture(frame)
  return (
    <section className="microscope" data-region="microscope" aria-label="Microscope" tabIndex={-1}>
      <h2 className="panel-title">
        Microscope <span className="muted rig-kind">{inHand ? 'in hand' : run ? rigKind(run) : ''}</span>
      </h2>
      <div className="live-view" data-testid="live-view">
        {picture ? (
          <img src={picture} alt="Newest frame of the camera" draggable={false} />
        ) : (
          <p>
            {scanning || inHand
              ? 'Waiting for the first frame…'
              : 'Connect a microscope, or scan, to see its camera here.'}
          </p>
        )}
        {picture && (scanning || inHand) && <span className="live-sign">live</span>}
      </div>
      <p className="microscope-state" data-testid="activity">
        {inHand
          ? activityWords(view)
          : run === null
            ? 'No scan is open.'
            : scanning
              ? live?.activity || 'starting'
              : stateSentence(run)}
      </p>
      {position || inHand ? (
        <StagePosition position={position} />
      ) : (
        run?.rig.kind === 'folder' && <p className="muted microscope-note">No stage: the images come from a folder.</p>
      )}
      <p className="microscope-buttons">
        <button type="button" data-testid="open-bench" aria-pressed={shown} onClick={() => showBench(!shown)}>
          {shown ? 'Back to the slide' : 'Microscope…'}
        </button>
        <button
          type="button"
          data-testid="open-calibration"
          title="Pixel size, light, backlash… (Ctrl Shift K)"
          onClick={() => openDialog('calibration')}
        >
          Calibrate…
        </button>
        {!view?.rig && (
          <button type="button" data-testid="open-connect" onClick={() => openDialog('connect')}>
            Connect…
          </button>
        )}
      </p>
      <p className="muted microscope-note" title={inHand ? view.rig?.name : run ? rigWords(run) : ''}>
        {inHand ? view.rig?.name : run && rigWords(run)}
        {!inHand && run && slide && `, ${Number(slide.pixelSizeUm.toPrecision(4))} µm a pixel`}
        {!inHand && run && slide?.pixelSizeEstimate && `, ${estimateWords(slide.pixelSizeEstimate, 'µm')}`}
      </p>
    </section>
  )
}

function stateSentence(run: Parameters<typeof stopWords>[0]): string {
  const why = stopWords(run)
  return why === null ? STATE_WORDS[run.state].word : `${STATE_WORDS[run.state].word}: ${why}`
}
