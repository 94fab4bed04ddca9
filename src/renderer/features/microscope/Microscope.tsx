import { useEffect, useRef, useState } from 'react'
import { estimateWords } from '../../../shared/pixel-size-words.ts'
import { openDialog } from '../../app/actions.ts'
import { liveUrl } from '../../app/bench.ts'
import { useDesk } from '../../app/desk.ts'
import { micrometres, millimetres } from '../../ui/format.ts'
import { rigKind, rigWords, STATE_WORDS, stopWords } from '../runbar/words.ts'
import './microscope.css'

/** Where the stage is and what the camera sees. */
export function Microscope() {
  const run = useDesk((state) => state.run)
  const live = useDesk((state) => state.live)
  const slide = useDesk((state) => state.slide)
  const scanning = run?.state === 'scanning'
  const stage = live?.stage ?? null
  const frame = scanning ? (live?.liveFrame ?? null) : null
  const picture = useLivePicture(frame)
  return (
    <section className="microscope" data-region="microscope" aria-label="Microscope" tabIndex={-1}>
      <h2 className="panel-title">
        Microscope <span className="muted rig-kind">{run ? rigKind(run) : ''}</span>
      </h2>
      <div className="live-view" data-testid="live-view">
        {picture ? (
          <img src={picture} alt="Newest frame of the camera" draggable={false} />
        ) : (
          <p>{scanning ? 'Waiting for the first frame…' : 'The live view shows the camera while a scan runs.'}</p>
        )}
        {picture && scanning && <span className="live-sign">live</span>}
      </div>
      <p className="microscope-state" data-testid="activity">
        {run === null ? 'No scan is open.' : scanning ? live?.activity || 'starting' : stateSentence(run)}
      </p>
      {stage ? (
        <dl className="stage-position" data-testid="stage-position">
          <dt>x</dt>
          <dd>{millimetres(stage.xUm)} mm</dd>
          <dt>y</dt>
          <dd>{millimetres(stage.yUm)} mm</dd>
          <dt>z</dt>
          <dd>{micrometres(stage.zUm)} µm</dd>
        </dl>
      ) : (
        run?.rig.kind === 'folder' && <p className="muted microscope-note">No stage: the images come from a folder.</p>
      )}
      {run && (
        <p className="muted microscope-note" title={rigWords(run)}>
          {rigWords(run)}
          {slide && `, ${Number(slide.pixelSizeUm.toPrecision(4))} µm a pixel`}
          {slide?.pixelSizeEstimate && `, ${estimateWords(slide.pixelSizeEstimate, 'µm')}`}
        </p>
      )}
      <p className="microscope-note">
        <button
          type="button"
          data-testid="open-calibration"
          title="Pixel size, light, backlash… (Ctrl Shift K)"
          onClick={() => openDialog('calibration')}
        >
          Calibrate…
        </button>
      </p>
    </section>
  )
}

function stateSentence(run: Parameters<typeof stopWords>[0]): string {
  const why = stopWords(run)
  return why === null ? STATE_WORDS[run.state].word : `${STATE_WORDS[run.state].word}: ${why}`
}

/** The newest frame that is decoded; one is fetched at a time, so a slow bench is not asked faster than it answers. */
function useLivePicture(frame: number | null): string | null {
  const [picture, setPicture] = useState<string | null>(null)
  const loading = useRef(false)
  const wanted = useRef<number | null>(null)
  useEffect(() => {
    wanted.current = frame
    if (frame === null) {
      setPicture(null)
      return
    }
    if (loading.current) return
    const load = async (): Promise<void> => {
      loading.current = true
      for (let loaded: number | null = null; wanted.current !== null && wanted.current !== loaded; ) {
        loaded = wanted.current
        const image = new Image()
        image.src = liveUrl(loaded)
        try {
          await image.decode()
          if (wanted.current !== null) setPicture(image.src)
        } catch {
          // A frame may be gone before it is fetched; the next one comes.
        }
      }
      loading.current = false
    }
    void load()
  }, [frame])
  return picture
}
