import { Fragment } from 'react'
import { RESEARCH_USE_ONLY } from '../../../shared/taxonomy.ts'
import { useDesk } from '../../app/desk.ts'
import { openDialog, openNewScan } from '../../app/dialogs.ts'
import { FIRST_SCAN, startScan } from '../../app/run-actions.ts'
import { Icon } from '../../ui/Icon.tsx'
import './new-scan.css'

/** Of those without a scan, named on the empty desk. */
const MOST_CASES = 12

/** An empty desk: one thing to do. */
export function Welcome() {
  const busy = useDesk((state) => state.busy !== null)
  const cases = useDesk((state) => state.cases) ?? []
  return (
    <main className="welcome">
      <div>
        <h2>Count a marrow at the bench</h2>
        <p>
          Medulla drives the microscope, finds and names the nucleated cells, and shows the differential as it grows. No
          microscope is needed to try it: a simulated smear comes with it.
        </p>
        <button
          type="button"
          className="primary big"
          data-testid="welcome-scan"
          disabled={busy}
          ref={focusOnce}
          onClick={() => void startScan(FIRST_SCAN)}
        >
          <Icon name="play" /> Scan a simulated smear
        </button>
        <p className="muted">
          500 cells, a few minutes. Other smears, or images from a folder:{' '}
          <button type="button" className="link" data-testid="welcome-other" onClick={() => openDialog('new-scan')}>
            set up a scan
          </button>{' '}
          <kbd>Ctrl Enter</kbd>
        </p>
        {cases.length > 0 && (
          <p className="muted">
            Not scanned yet:{' '}
            {cases.slice(0, MOST_CASES).map(({ caseId, accession }) => (
              <Fragment key={caseId}>
                <button
                  type="button"
                  className="link"
                  data-testid="welcome-case"
                  title="Start its first scan"
                  onClick={() => openNewScan(caseId)}
                >
                  {accession}
                </button>{' '}
              </Fragment>
            ))}
            {cases.length > MOST_CASES && `and ${cases.length - MOST_CASES} more`}
          </p>
        )}
        <p className="muted">
          A microscope of your own:{' '}
          <button type="button" className="link" data-testid="welcome-connect" onClick={() => openDialog('connect')}>
            connect it
          </button>{' '}
          (nothing moves by that)
        </p>
        <p className="muted">{RESEARCH_USE_ONLY}</p>
      </div>
    </main>
  )
}

/** The only thing to do on an empty desk is a press of Enter away. */
const focusOnce = (button: HTMLButtonElement | null): void => button?.focus()
