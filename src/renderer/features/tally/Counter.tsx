import type { Look } from '../../../shared/contract/counted-areas.ts'
import type { SittingState } from '../../../shared/contract/tally.ts'
import { COMPARED_SHARE } from '../../../shared/ledger/put-together.ts'
import { alreadyWords } from '../../../shared/ledger/words.ts'
import { type ClassCode, TAXONOMY } from '../../../shared/taxonomy.ts'
import { Swatch } from '../../ui/ClassName.tsx'
import { counted, percent, range } from '../../ui/format.ts'
import { Icon } from '../../ui/Icon.tsx'
import { countCell, stopCounting, switchSound, takeBack } from './tally-actions.ts'
import { useTally } from './tally-store.ts'

/** The counter while it counts: what it comes to, what was counted here before, and a line a class. */
export function Counter() {
  const state = useTally((store) => store.state)
  const look = useTally((store) => store.look)
  const last = useTally((store) => store.last)
  const rungAt = useTally((store) => store.rungAt)
  const sound = useTally((store) => store.sound)
  if (!state) return null
  const { sitting } = state
  const uncounted = sitting.cells - sitting.counted
  return (
    <>
      <div
        className={rungAt === null ? 'tally-total' : 'tally-total rung'}
        data-testid="tally-total"
        data-rung={rungAt}
      >
        <b data-testid="tally-counted">{sitting.counted}</b>
        {sitting.targetCells !== null && <span className="muted"> / {sitting.targetCells}</span>}
        <span className="muted">
          {uncounted > 0 && `${uncounted} not counted, `}
          {counted(sitting.views, 'place')}
        </span>
        <span className="tally-who">
          {sitting.reader}, sitting {sitting.sittingId}
          {sitting.purpose === 'compare' && ', to compare'}
        </span>
      </div>
      <AlreadyNote look={look} purpose={sitting.purpose} />
      <p className="tally-last" data-testid="tally-last" aria-live="polite">
        {last || 'Press the key of a class for each cell you see.'}
      </p>
      <Keys state={state} />
      <div className="tally-foot">
        <button type="button" data-testid="tally-undo" title="Backspace" onClick={takeBack}>
          <Icon name="undo" /> Take back
        </button>
        <button type="button" data-testid="tally-stop" title="Esc" onClick={stopCounting}>
          <Icon name="stop" /> Stop counting
        </button>
        <button type="button" aria-pressed={sound === 'on'} data-testid="tally-sound" onClick={switchSound}>
          Sound {sound}
        </button>
      </div>
    </>
  )
}

/** What of the view was counted before, at once and in words; the same is shaded on the picture. */
function AlreadyNote({ look, purpose }: { readonly look: Look | null; readonly purpose: 'add' | 'compare' }) {
  if (!look) return <p className="tally-look" data-testid="tally-look" data-share="" />
  const already = alreadyWords(look)
  const compared = purpose === 'compare' && look.areaUm !== null ? comparedWords(look.machineShare) : null
  return (
    <div
      className={already === null ? 'tally-look' : 'tally-look already'}
      role="status"
      data-testid="tally-look"
      data-share={look.share.toFixed(3)}
    >
      {already !== null && (
        <p data-testid="tally-already">
          {already[0]!.toUpperCase()}
          {already.slice(1)}. {look.share >= 0.99 ? 'Cells here count no more.' : 'Leave out what is shaded.'}
        </p>
      )}
      {already === null && compared === null && look.areaUm !== null && <p>Nobody has counted here.</p>}
      {compared !== null && <p>{compared}</p>}
      {look.problem !== null && (
        <p className="muted" data-testid="tally-apart">
          {look.problem}
        </p>
      )}
    </div>
  )
}

const comparedWords = (share: number): string => {
  const counted = `The machine counted ${Math.floor(100 * share + 1e-6)} % of this view`
  return share >= COMPARED_SHARE
    ? `${counted}: count every cell in it.`
    : `${counted}, too little to compare: look where it counted ${100 * COMPARED_SHARE} % or more.`
}

function Keys({ state }: { readonly state: SittingState }) {
  const lastClass = useTally((store) => store.lastClass)
  const counts = new Map(state.counts.map((each) => [each.class, each.count]))
  const { rows, erythroid, meRatio } = state.differential
  const shares = new Map(rows.map((row) => [row.class, row]))
  return (
    <div className="tally-keys">
      {TAXONOMY.map(({ code, name, key, counted: inDenominator, exclusion }) => {
        const row = shares.get(code)
        return (
          <button
            key={code}
            type="button"
            className={`tally-row${inDenominator ? '' : ' uncounted'}${lastClass === code ? ' newest' : ''}`}
            data-testid={`tally-row-${code}`}
            title={
              inDenominator
                ? `${name}: ${key.toUpperCase()}`
                : `${name}: ${key.toUpperCase()}. Not counted: ${exclusion}`
            }
            onClick={() => countCell(code)}
          >
            <kbd>{key.toUpperCase()}</kbd>
            <Swatch code={code} />
            <span className="name">{name}</span>
            <span className="count" data-testid={`tally-count-${code}`}>
              {counts.get(code as ClassCode) ?? 0}
            </span>
            <span className="percent">{row ? percent(row.percent, row.low, row.high) : ''}</span>
            <span className="interval">{row ? range(row.low, row.high) : 'not counted'}</span>
          </button>
        )
      })}
      <p className="tally-groups">
        Erythroid {erythroid.count} ({percent(erythroid.percent, erythroid.low, erythroid.high)} %,{' '}
        {range(erythroid.low, erythroid.high)}); M:E {percent(meRatio.value, meRatio.low, meRatio.high)} (
        {range(meRatio.low, meRatio.high)}). Exact 95 % intervals.
      </p>
    </div>
  )
}
