import type { CaseSummary } from '../../../shared/contract/cases.ts'
import { RESEARCH_USE_ONLY } from '../../../shared/taxonomy.ts'
import { useDesk } from '../../app/desk.ts'
import { openDialog, openNewScan } from '../../app/dialogs.ts'
import { FIRST_SCAN, startScan } from '../../app/run-actions.ts'
import { Icon } from '../../ui/Icon.tsx'
import { personWords } from '../worklist/person-words.ts'
import '../worklist/worklist.css'
import './new-scan.css'

/** An empty desk: one thing to do, which is the newest case where one waits. */
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
        <CasesWaiting cases={cases} />
        <button
          type="button"
          className={cases.length > 0 ? 'big' : 'primary big'}
          data-testid="welcome-scan"
          disabled={busy}
          ref={cases.length > 0 ? null : focusOnce}
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

/** None of the casebook's cases has a scan while the desk is empty. */
function CasesWaiting({ cases }: { readonly cases: readonly CaseSummary[] }) {
  if (cases.length === 0) return null
  return (
    <section className="cases-waiting" aria-label="Cases that are not scanned yet">
      <p className="muted">
        {cases.length === 1 ? 'A case waits for its first scan:' : `${cases.length} cases wait for their first scan:`}
      </p>
      <ul>
        {cases.map((entry, place) => (
          <li key={entry.caseId}>
            <button
              type="button"
              className="worklist-item"
              data-testid="welcome-case"
              title="Start its first scan"
              ref={place === 0 ? focusOnce : null}
              onClick={() => openNewScan(entry.caseId)}
            >
              <b>{entry.accession}</b>
              <small className="person">{personWords(entry)}</small>
              <small className="state">
                {entry.specimen}, {entry.stain}
              </small>
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** What there is to do on an empty desk is a press of Enter away. */
const focusOnce = (button: HTMLButtonElement | null): void => button?.focus()
