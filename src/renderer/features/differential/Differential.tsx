import {
  type Differential as Counts,
  type DifferentialRow,
  differentialView,
} from '../../../shared/contract/differential.ts'
import { TAXONOMY } from '../../../shared/taxonomy.ts'
import type { View } from '../../app/cell-book.ts'
import { useDesk } from '../../app/desk.ts'
import { setFilter, setView } from '../../app/selection-actions.ts'
import { className, Swatch } from '../../ui/ClassName.tsx'
import { percent, range, referenceRange } from '../../ui/format.ts'
import { LeftOutFields, RunFlags } from '../fields/LeftOutFields.tsx'
import { ReadingSelect } from '../models/ReadingSelect.tsx'
import { RunArea } from '../overview/RunArea.tsx'
import { StopPanel } from '../stopping/StopPanel.tsx'
import { CountedBefore } from '../tally/CountedBefore.tsx'
import { toggleTally } from '../tally/tally-actions.ts'
import { RecallBar, TrustBadge } from '../trust/TrustBadge.tsx'
import { CorrectionNote } from './CorrectionNote.tsx'
import { ForestPlot } from './ForestPlot.tsx'
import { AXIS_TICKS, againstReference, axisShare, meAxisShare } from './forest.ts'
import './differential.css'

const EVIDENCE = {
  real: null,
  rendered: { sign: '◇', words: 'rendered-only evidence' },
  none: { sign: '○', words: 'no evidence' },
} as const

const EVIDENCE_LONG = {
  rendered: 'Rendered-only evidence: the model was never tried on a real image of this class.',
  none: 'No evidence: the model was not tried on this class at all.',
} as const

/** Before the bench has answered, every class is there without a count. */
const BLANK_ROWS: readonly DifferentialRow[] = TAXONOMY.filter((entry) => entry.counted).map(({ code, reference }) => ({
  class: code,
  count: 0,
  percent: null,
  low: null,
  high: null,
  reference: reference ? { ...reference } : null,
  evidence: 'real' as const,
}))

export function Differential() {
  const counts = useDesk((state) => state.differential)
  const view = useDesk((state) => state.view)
  const rows = counts?.rows ?? BLANK_ROWS
  return (
    <section
      className="differential"
      data-region="differential"
      data-testid="differential"
      aria-label="Differential"
      tabIndex={-1}
    >
      <div className="panel-title">
        <h2 className="panel-heading">Differential</h2>
        <ReadingSelect />
        <ViewSwitch view={view} />
        <button
          type="button"
          className="by-hand"
          title="Count by hand (Shift H)"
          data-testid="open-tally"
          onClick={toggleTally}
        >
          By hand
        </button>
      </div>
      <div className={needsRoom(rows) ? 'differential-table fine' : 'differential-table'}>
        <div className="differential-line head" aria-hidden="true">
          <div className="differential-row head">
            <span className="name">Class</span>
            <span className="count">n</span>
            <span className="percent">%</span>
            <span className="forest axis">
              {AXIS_TICKS.map((tick) => (
                <i key={tick} style={{ left: `${axisShare(tick) * 100}%` }}>
                  {tick}
                </i>
              ))}
            </span>
            <span className="interval">95 % CI</span>
            <span className="reference">ref.</span>
          </div>
          <span className="trust-head">recall</span>
        </div>
        {rows.map((row) => (
          <ClassRow key={row.class} row={row} />
        ))}
        {counts && <Groups counts={counts} />}
      </div>
      <Foot counts={counts} rows={rows} view={view} />
    </section>
  )
}

/** A range of thousands of cells has more digits than the column usually holds: "0.000–0.019". */
const needsRoom = (rows: readonly DifferentialRow[]): boolean => rows.some((row) => range(row.low, row.high).length > 9)

const VIEWS = `Machine: what the model said.
Reviewed: a person's label where there is one, else the machine's.
Corrected: as reviewed, with the shares of the other cells corrected for the model's known errors.
(V)`

function ViewSwitch({ view }: { readonly view: View }) {
  return (
    <fieldset className="segments view-switch" title={VIEWS}>
      <legend className="visually-hidden">Whose labels are counted</legend>
      {differentialView.options.map((option) => (
        <label key={option}>
          <input
            type="radio"
            name="view"
            data-testid={`view-${option}`}
            checked={view === option}
            onChange={() => setView(option)}
          />
          {option}
        </label>
      ))}
    </fieldset>
  )
}

function ClassRow({ row }: { readonly row: DifferentialRow }) {
  const pressed = useDesk((state) => state.filter === row.class)
  const evidence = EVIDENCE[row.evidence]
  const against = againstReference(row.low, row.high, row.reference)
  const name = className(row.class)
  const title = [
    name,
    row.evidence === 'real' ? null : EVIDENCE_LONG[row.evidence],
    against && `The ${against}.`,
    'Click: its cells in the gallery.',
  ]
  return (
    <div className="differential-line">
      <button
        type="button"
        className={row.count === 0 ? 'differential-row none' : 'differential-row'}
        data-testid={`differential-row-${row.class}`}
        aria-pressed={pressed}
        aria-label={rowSentence(name, row, evidence?.words ?? null)}
        title={title.filter(Boolean).join('\n')}
        onClick={() => setFilter(pressed ? 'all' : row.class)}
      >
        <Swatch code={row.class} />
        <span className="code">{row.class}</span>
        <span className="name">
          <span>{name}</span>
        </span>
        <span className="count" data-testid={`differential-count-${row.class}`}>
          {row.count}
        </span>
        <span className="percent">{percent(row.percent, row.low, row.high)}</span>
        <ForestPlot value={row.percent} low={row.low} high={row.high} reference={row.reference} share={axisShare} />
        <span className="interval">{range(row.low, row.high)}</span>
        <span className="reference">{referenceRange(row.reference)}</span>
      </button>
      <TrustBadge code={row.class} />
    </div>
  )
}

function rowSentence(name: string, row: DifferentialRow, evidence: string | null): string {
  const parts = [`${name}: ${row.count}`]
  if (row.percent !== null)
    parts.push(`${percent(row.percent, row.low, row.high)} percent, 95 percent interval ${range(row.low, row.high)}`)
  if (row.reference) parts.push(`reference ${referenceRange(row.reference)}`)
  if (evidence) parts.push(evidence)
  return parts.join(', ')
}

function Groups({ counts }: { readonly counts: Counts }) {
  const { erythroid, meRatio } = counts
  return (
    <>
      <div className="differential-row group" data-testid="differential-row-erythroid">
        <span className="name" title="Proerythroblasts and erythroblasts together">
          Erythroid <small>PEB + EBO</small>
        </span>
        <span className="count">{erythroid.count}</span>
        <span className="percent">{percent(erythroid.percent, erythroid.low, erythroid.high)}</span>
        <ForestPlot
          value={erythroid.percent}
          low={erythroid.low}
          high={erythroid.high}
          reference={erythroid.reference}
          share={axisShare}
        />
        <span className="interval">{range(erythroid.low, erythroid.high)}</span>
        <span className="reference">{referenceRange(erythroid.reference)}</span>
      </div>
      <div
        className="differential-row group"
        data-testid="differential-row-me"
        title={`Myeloid ${meRatio.myeloid} over nucleated erythroid ${meRatio.erythroid}. Its plot has an axis of its own, 0 to 10.`}
      >
        <span className="name">
          M:E
          <small>
            {meRatio.myeloid} : {meRatio.erythroid}
          </small>
        </span>
        <span className="count" />
        <span className="percent" data-testid="me-ratio">
          {percent(meRatio.value, meRatio.low, meRatio.high)}
        </span>
        <ForestPlot
          value={meRatio.value}
          low={meRatio.low}
          high={meRatio.high}
          reference={meRatio.reference}
          share={meAxisShare}
        />
        <span className="interval">{range(meRatio.low, meRatio.high)}</span>
        <span className="reference">{referenceRange(meRatio.reference)}</span>
      </div>
    </>
  )
}

interface FootProps {
  readonly counts: Counts | null
  readonly rows: readonly DifferentialRow[]
  readonly view: View
}

/** What the percentages are of, what was left out and why, what is still needed. */
function Foot({ counts, rows, view }: FootProps) {
  const needed = counts?.targetCells == null ? null : Math.max(0, counts.targetCells - counts.counted)
  const unproven = (['rendered', 'none'] as const).filter((kind) => rows.some((row) => row.evidence === kind))
  return (
    <div className="differential-foot">
      <p>
        Denominator <b data-testid="denominator">{counts?.counted ?? 0}</b> cells
        {needed !== null && (
          <>
            , still needed <b data-testid="still-needed">{needed}</b>
          </>
        )}
        {counts &&
          view !== 'machine' &&
          `, ${counts.relabelled === 0 ? 'none' : counts.relabelled} labelled by a person`}
      </p>
      <StopPanel />
      <RunArea />
      <RunFlags />
      <LeftOutFields />
      <CountedBefore />
      {counts?.correction && <CorrectionNote correction={counts.correction} />}
      {counts && (counts.excluded.some((entry) => entry.count > 0) || counts.unclassified > 0) && (
        <p className="not-counted">
          Not counted:
          {counts.excluded
            .filter((entry) => entry.count > 0)
            .map((entry) => (
              <button
                key={entry.class}
                type="button"
                className="plain"
                data-testid={`differential-row-${entry.class}`}
                title={`${className(entry.class)}: left out as ${entry.reason}. Click: its cells in the gallery.`}
                onClick={() => setFilter(entry.class)}
              >
                <b data-testid={`differential-count-${entry.class}`}>{entry.count}</b> {entry.class}{' '}
                <span className="muted">{entry.reason}</span>
              </button>
            ))}
          {counts.unclassified > 0 && (
            <button
              type="button"
              className="plain"
              data-testid="differential-row-none"
              onClick={() => setFilter('none')}
            >
              <b>{counts.unclassified}</b> unclassified
            </button>
          )}
        </p>
      )}
      {unproven.map((kind) => (
        <p key={kind} className="muted" title={EVIDENCE_LONG[kind]}>
          {EVIDENCE[kind].sign} {EVIDENCE[kind].words}
          {kind === 'rendered'
            ? ': never tried on a real image of the class'
            : ': the model was not tried on the class'}
        </p>
      ))}
      <p className="muted">
        <RecallBar recall={0.7} reference={0.55} /> the model's recall on real images, the line the reference network's
      </p>
      <p className="muted differential-legend">
        <i className="legend-band" aria-hidden="true" /> reference range,{' '}
        <i className="legend-dot" aria-hidden="true" /> share with{' '}
        {counts?.correction && counts.correction.problem === null ? 'its own' : 'exact'} interval; percent, square-root
        axis
      </p>
    </div>
  )
}
