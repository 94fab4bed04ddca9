import { useDesk } from '../../app/desk.ts'
import { resumeScan } from '../../app/run-actions.ts'
import './runbar.css'

/** What stands in the way, with what to do about it: a run that broke off, a disk nearly full, a bench without a model, a lost connection. */
export function RunBanner() {
  const run = useDesk((state) => state.run)
  const modelProblem = useDesk((state) => state.system?.modelProblem ?? null)
  const connection = useDesk((state) => state.connection)
  const busy = useDesk((state) => state.busy !== null)
  const broken = run?.state === 'failed' || run?.state === 'interrupted'
  const obstacle = useDesk((state) => (state.run?.state === 'paused' ? (state.live?.obstacle ?? null) : null))
  if (!broken && !obstacle && !modelProblem && connection !== 'lost') return null
  return (
    <div className="banners">
      {connection === 'lost' && (
        <div className="banner" role="alert" data-testid="connection-lost">
          <p>
            <b>Connection to the bench lost, trying again.</b> What was committed is safe.
          </p>
        </div>
      )}
      {broken && (
        <div className="banner" role="alert" data-testid="run-problem">
          <p>
            <b>{run.state === 'failed' ? 'The scan failed.' : 'The scan was interrupted.'}</b>{' '}
            {run.failure
              ? `${run.failure.message} ${run.failure.remedy}`
              : 'Its process ended without a word (a crash or a power cut). Every committed field is kept; resume goes on with the same settings.'}
          </p>
          <button
            type="button"
            className="primary"
            data-testid="resume"
            disabled={busy || connection !== 'open'}
            title="Resume (Space)"
            onClick={() => void resumeScan()}
          >
            Resume
          </button>
          {run.failure?.code === 'slide-changed' && (
            <button
              type="button"
              data-testid="go-on-anyway"
              disabled={busy || connection !== 'open'}
              title="You are sure that it is the same slide, where it was"
              onClick={() => void resumeScan(true)}
            >
              Go on anyway
            </button>
          )}
        </div>
      )}
      {obstacle && (
        <div className="banner" role="alert" data-testid="run-obstacle">
          <p>
            <b>The scan is paused.</b> {obstacle.message} {obstacle.remedy}
          </p>
          <button
            type="button"
            data-testid="try-again"
            disabled={busy || connection !== 'open'}
            title="Try again now (Space)"
            onClick={() => void resumeScan()}
          >
            Try again
          </button>
        </div>
      )}
      {modelProblem && (
        <div className="banner" data-testid="model-problem">
          <p>
            <b>No model: cells are found but stay unnamed.</b> {modelProblem.message} {modelProblem.remedy}
          </p>
        </div>
      )}
    </div>
  )
}
