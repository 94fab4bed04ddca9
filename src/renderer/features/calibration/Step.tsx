import { useEffect, useState } from 'react'
import { CALIBRATION_WORDS, calibrationValue } from '../../../shared/calibration-words.ts'
import type { Calibration } from '../../../shared/contract/calibration.ts'
import { liveUrl } from '../../app/bench.ts'
import { moment } from '../../ui/format.ts'
import { Icon } from '../../ui/Icon.tsx'
import { type Measuring, measure, stopMeasuring, useWizard } from './calibration-link.ts'

/** One measurement: what it needs, how far it is, what came of it, what was measured before. */
export function Step() {
  const kind = useWizard((state) => state.kind)
  const known = useWizard((state) => state.known)
  const measuring = useWizard((state) => (state.measuring?.kind === state.kind ? state.measuring : null))
  const { title, needs } = CALIBRATION_WORDS[kind]
  const history = known?.history.filter(({ result }) => result.kind === kind) ?? []
  const working = measuring?.state === 'working'
  return (
    <section className="calibration-step" role="tabpanel" aria-labelledby={`calibration-${kind}`}>
      <h3>{title}</h3>
      <p>{needs}</p>
      {working ? (
        <Working measuring={measuring} />
      ) : (
        <button
          type="button"
          className="primary"
          data-testid="measure"
          disabled={known === null}
          onClick={() => void measure()}
        >
          <Icon name="play" /> {history.length === 0 ? 'Measure' : 'Measure again'}
        </button>
      )}
      <div role="status" data-testid="calibration-result">
        {measuring?.state === 'measured' && <Result calibration={measuring.calibration} />}
        {measuring?.state === 'stopped' && <p className="muted">Stopped. Nothing of it is kept.</p>}
      </div>
      {measuring?.state === 'failed' && (
        <p role="alert" className="calibration-problem" data-testid="calibration-problem">
          <b>{measuring.problem.message}</b> {measuring.problem.remedy} Nothing of it is kept.
        </p>
      )}
      {history.length === 0 ? (
        known &&
        !working && <p className="muted">Unknown so far: it was never measured for this microscope and objective.</p>
      ) : (
        <History history={history} />
      )}
    </section>
  )
}

function Working({ measuring }: { readonly measuring: Extract<Measuring, { state: 'working' }> }) {
  const { activity, done, of } = measuring
  const counted = of > 1
  return (
    <div className="calibration-working">
      <Picture />
      <p>
        {activity}
        {counted && `: ${done} of ${of}`}
      </p>
      <progress aria-label="Progress" max={of} value={counted ? done : undefined} />
      <button type="button" data-testid="stop-measuring" onClick={stopMeasuring}>
        <Icon name="stop" /> Stop
      </button>
    </div>
  )
}

const PICTURE_MS = 700

/** What the camera sees, now and then. */
function Picture() {
  const [shown, setShown] = useState<string | null>(null)
  useEffect(() => {
    let over = false
    const timer = setInterval(() => {
      const image = new Image()
      image.src = liveUrl(Date.now())
      // Before the first frame there is no picture.
      image.decode().then(
        () => !over && setShown(image.src),
        () => undefined,
      )
    }, PICTURE_MS)
    return () => {
      over = true
      clearInterval(timer)
    }
  }, [])
  return (
    <div className="calibration-picture">
      {shown ? (
        <img src={shown} alt="What the camera sees" draggable={false} />
      ) : (
        <span className="muted">no frame yet</span>
      )}
    </div>
  )
}

function Result({ calibration: { measuredAt, result } }: { readonly calibration: Calibration }) {
  return (
    <p className="calibration-result">
      <b>{calibrationValue(result)}</b>
      <span>Measured {moment(measuredAt)}, kept, and in use from now on.</span>
    </p>
  )
}

/** The newest is in use; nothing is overwritten. */
function History({ history }: { readonly history: readonly Calibration[] }) {
  return (
    <table className="calibration-history">
      <caption>Measured so far; the newest is in use</caption>
      <tbody>
        {history.slice(0, 5).map(({ id, measuredAt, result }) => (
          <tr key={id}>
            <th scope="row">{moment(measuredAt)}</th>
            <td>{calibrationValue(result)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
