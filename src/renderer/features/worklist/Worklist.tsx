import type { CaseSummary } from '../../../shared/contract/cases.ts'
import type { RunSummary } from '../../../shared/contract/runs.ts'
import { useDesk } from '../../app/desk.ts'
import { openNewScan } from '../../app/dialogs.ts'
import { openRun } from '../../app/run-link.ts'
import { moment } from '../../ui/format.ts'
import { rigWords, STATE_WORDS } from '../runbar/words.ts'
import { personWords } from './person-words.ts'
import './worklist.css'

/** Cases, newest first; each run of a case is a line of its own. */
export function Worklist() {
  const cases = useDesk((state) => state.cases)
  return (
    <section className="worklist" data-region="worklist" aria-label="Worklist" tabIndex={-1}>
      <h2 className="panel-title">Worklist</h2>
      {cases === null ? (
        <p className="worklist-empty">Reading the casebook…</p>
      ) : (
        <ul>
          {cases.map((entry) => (
            <CaseItem key={entry.caseId} entry={entry} />
          ))}
        </ul>
      )}
    </section>
  )
}

function CaseItem({ entry }: { readonly entry: CaseSummary }) {
  const person = personWords(entry)
  return (
    <li>
      {entry.runs.length === 0 && (
        <button
          type="button"
          className="worklist-item"
          data-testid="worklist-case"
          title="Start its first scan"
          onClick={() => openNewScan(entry.caseId)}
        >
          <b>{entry.accession}</b>
          <small className="person">{person}</small>
          <small className="state">not scanned yet</small>
        </button>
      )}
      {entry.runs.map((run) => (
        <RunItem key={run.runId} entry={entry} run={run} person={person} />
      ))}
    </li>
  )
}

function RunItem({ entry, run, person }: { entry: CaseSummary; run: RunSummary; person: string }) {
  const shown = useDesk((state) => state.run)
  const current = shown?.runId === run.runId
  const { state, counted, targetCells, startedAt } = current ? shown : run
  const { word, sign } = STATE_WORDS[state]
  return (
    <button
      type="button"
      className="worklist-item"
      data-testid="worklist-item"
      data-run-id={run.runId}
      aria-current={current}
      title={`${rigWords(run)}\n${moment(startedAt)}`}
      onClick={() => openRun(run.runId)}
    >
      <b>{entry.accession}</b>
      <small className="person">{person}</small>
      <small className={`state ${state}`}>
        <i aria-hidden="true">{sign}</i> {word}
      </small>
      <small className="count">
        {counted}
        {targetCells !== null && `/${targetCells}`}
      </small>
    </button>
  )
}
