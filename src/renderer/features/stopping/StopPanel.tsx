import type { RuleStanding } from '../../../shared/contract/stopping.ts'
import { standingWords, stopWhenWords } from '../../../shared/stopping/words.ts'
import { isRunning, useDesk } from '../../app/desk.ts'
import { openDialog } from '../../app/dialogs.ts'
import './stopping.css'

/** What ends the run and what that still needs; of a run that is over, what ended it, and the way on. */
export function StopPanel() {
  const run = useDesk((state) => state.run)
  const alternatives = useDesk((state) => state.stopping)
  if (!run) return null
  const over = run.state === 'finished'
  const rules = run.stopWhen.length > 0 ? (alternatives ?? []) : []
  // A plain number of cells alone is told beside the denominator.
  if (!over && rules.length === 0) return null
  return (
    <div className="stop-panel" data-testid="stop-panel">
      {over && run.stoppedBy && (
        <p data-testid="stopped-by">
          Stopped: <b>{run.stoppedBy.map(standingWords).join('; ')}</b>.
        </p>
      )}
      {!over && rules.length > 0 && (
        <>
          <p className="muted">{rules.length > 1 ? 'Stops by whichever is met first:' : 'Stops when met:'}</p>
          <ul>
            {rules.map((group) => (
              <Alternative key={JSON.stringify(group.map(({ rule }) => rule))} group={group} />
            ))}
          </ul>
        </>
      )}
      {over && !isRunning(run) && run.stopped !== 'region' && (
        <button
          type="button"
          className="link"
          data-testid="continue-run"
          title={`It was to stop at: ${stopWhenWords([...(run.targetCells === null ? [] : [[{ kind: 'cells' as const, cells: run.targetCells }]]), ...run.stopWhen])}`}
          onClick={() => openDialog('continue')}
        >
          Go on by another rule
        </button>
      )}
    </div>
  )
}

function Alternative({ group }: { readonly group: readonly RuleStanding[] }) {
  const met = group.every((standing) => standing.met)
  return (
    <li data-testid="stop-alternative" data-met={met}>
      <span aria-hidden="true">{met ? '✓' : '·'}</span>
      <span>{group.map(standingWords).join('; and ')}</span>
    </li>
  )
}
