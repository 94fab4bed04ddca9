import type { CaseSummary } from '../../../shared/contract/cases.ts'
import type { RunSummary } from '../../../shared/contract/runs.ts'
import { flagWord } from '../../../shared/quality/words.ts'
import { isRunning, useDesk } from '../../app/desk.ts'
import { openDialog } from '../../app/dialogs.ts'
import { pauseScan, resumeScan, stopScan } from '../../app/run-actions.ts'
import { toggleTheme } from '../../app/theme.ts'
import { clock, counted } from '../../ui/format.ts'
import { Icon } from '../../ui/Icon.tsx'
import { STATE_WORDS, stopWords } from './words.ts'
import './runbar.css'

export function Header() {
  const run = useDesk((state) => state.run)
  const cases = useDesk((state) => state.cases)
  const theme = useDesk((state) => state.theme)
  const owner = cases?.find((entry) => entry.caseId === run?.caseId) ?? null
  return (
    <header className="header">
      <title>{owner && run ? `${owner.accession}, ${STATE_WORDS[run.state].word} · Medulla` : 'Medulla'}</title>
      <h1>Medulla</h1>
      {owner && <CaseLine owner={owner} />}
      <div className="spread" />
      {run && <RunNumbers run={run} />}
      <ScanButtons run={run} />
      <button
        type="button"
        className="plain"
        data-testid="theme-toggle"
        aria-label={theme === 'dark' ? 'Light theme' : 'Dark theme'}
        title={`${theme === 'dark' ? 'Light theme' : 'Dark theme'} (Ctrl Shift L)`}
        onClick={toggleTheme}
      >
        <Icon name={theme === 'dark' ? 'sun' : 'moon'} />
      </button>
      <button
        type="button"
        className="plain"
        data-testid="shortcuts-button"
        aria-label="Keyboard shortcuts"
        title="Keyboard shortcuts (?)"
        onClick={() => openDialog('shortcuts')}
      >
        <Icon name="help" />
      </button>
      {run && <ProgressLine run={run} />}
    </header>
  )
}

function CaseLine({ owner }: { readonly owner: CaseSummary }) {
  const person = [owner.sex, owner.birthYear].filter((part) => part !== null).join(' ')
  return (
    <div className="case-line" data-testid="case-line">
      <b>Case {owner.accession}</b>
      {owner.patientName && <span>{owner.patientName}</span>}
      {person && <span>{person}</span>}
      <span className="specimen">
        {owner.specimen}, {owner.stain}
      </span>
    </div>
  )
}

function RunNumbers({ run }: { readonly run: RunSummary }) {
  const live = useDesk((state) => state.live)
  const connection = useDesk((state) => state.connection)
  const left = run.state === 'scanning' ? clock(live?.secondsLeft ?? null) : null
  const { word, sign } = STATE_WORDS[run.state]
  const doing = run.state === 'scanning' ? live?.activity : stopWords(run)
  return (
    <div className="run-numbers">
      <span className={`run-state ${run.state}`}>
        <i aria-hidden="true">{sign}</i>
        <span data-testid="run-state" data-state={run.state}>
          {word}
        </span>
        {connection === 'lost' ? (
          <span className="bad-words">connection to the bench lost, trying again</span>
        ) : (
          doing && <span className="activity">{doing}</span>
        )}
      </span>
      <span className="number" title={cellsTitle(run)}>
        <b>
          <span data-testid="counted">{run.counted}</span>
          {run.targetCells !== null && `/${run.targetCells}`}
        </b>{' '}
        counted
      </span>
      <span className="number">
        field <b data-testid="fields">{run.fields}</b>
        {run.plannedFields !== null && <span className="of-planned"> of {run.plannedFields}</span>}
      </span>
      {run.flags.length > 0 && (
        <span className="number flag" data-testid="run-flags" title={run.flags.map(({ words }) => words).join(' ')}>
          <i aria-hidden="true">⚑</i> {flagWord(run.flags)}
        </span>
      )}
      {run.fieldsLeftOut > 0 && (
        <span
          className="number"
          data-testid="left-out-number"
          title="Fields that do not count, and the cells in them: the reasons are beside the differential"
        >
          <b data-testid="fields-left-out">{run.fieldsLeftOut}</b> left out
          <span className="of-planned"> ({counted(run.cellsLeftOut, 'cell')})</span>
        </span>
      )}
      {left && (
        <span className="number">
          <b>{left}</b> left
        </span>
      )}
    </div>
  )
}

function cellsTitle({ counted: inDenominator, cells, cellsLeftOut, fieldsLeftOut }: RunSummary): string {
  const found = `${inDenominator} of ${counted(cells, 'cell')} found are in the denominator.`
  return fieldsLeftOut > 0 ? `${found} ${cellsLeftOut} lie in fields that are left out.` : found
}

function ScanButtons({ run }: { readonly run: RunSummary | null }) {
  const busy = useDesk((state) => state.busy)
  const connected = useDesk((state) => state.connection === 'open')
  const off = busy !== null || !connected
  if (!isRunning(run)) {
    return (
      <button
        type="button"
        className={run?.state === 'failed' || run?.state === 'interrupted' ? '' : 'primary'}
        data-testid="scan"
        disabled={off}
        title="New scan (Ctrl Enter)"
        onClick={() => openDialog('new-scan')}
      >
        <Icon name="play" /> Scan
      </button>
    )
  }
  const scanning = run?.state === 'scanning'
  return (
    <>
      <button
        type="button"
        data-testid="pause-resume"
        disabled={off}
        title={scanning ? 'Pause (Space)' : 'Resume (Space)'}
        className={scanning ? '' : 'primary'}
        onClick={() => void (scanning ? pauseScan() : resumeScan())}
      >
        <Icon name={scanning ? 'pause' : 'play'} /> {scanning ? 'Pause' : 'Resume'}
      </button>
      <button
        type="button"
        data-testid="stop"
        disabled={busy === 'stopping' || !connected}
        title="Stop (Ctrl .)"
        onClick={() => void stopScan()}
      >
        <Icon name="stop" /> Stop
      </button>
    </>
  )
}

/** How far the run is: by cells where a number of them ends it, else by fields. */
function ProgressLine({ run }: { readonly run: RunSummary }) {
  const [done, total] = run.targetCells !== null ? [run.counted, run.targetCells] : [run.fields, run.plannedFields]
  if (total === null || total === 0) return null
  const share = Math.min(1, done / total)
  return (
    <div
      className="progress-line"
      role="progressbar"
      aria-label={run.targetCells !== null ? 'Counted cells' : 'Fields'}
      aria-valuenow={done}
      aria-valuemax={total}
    >
      <i style={{ width: `${share * 100}%` }} />
    </div>
  )
}
