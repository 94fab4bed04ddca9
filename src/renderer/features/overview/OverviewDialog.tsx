import { useEffect, useId, useState } from 'react'
import type { StageRect } from '../../../shared/contract/area.ts'
import { MAP_LAYERS } from '../../../shared/overview/smear-map.ts'
import { duration, expectationWords, LAYER_WORDS } from '../../../shared/overview/words.ts'
import { RESEARCH_USE_ONLY } from '../../../shared/taxonomy.ts'
import { openDialog } from '../../app/dialogs.ts'
import { Dialog } from '../../ui/Dialog.tsx'
import { moment } from '../../ui/format.ts'
import { Icon } from '../../ui/Icon.tsx'
import { chooseArea } from '../new-scan/scan-draft.ts'
import { extentOf } from './map-geometry.ts'
import {
  acceptedArea,
  choose,
  leaveOverviews,
  lookOver,
  overviewDesk,
  stopLooking,
  takeBack,
  useOverview,
  watch,
} from './overview-store.ts'
import { SmearMapView } from './SmearMapView.tsx'
import './overview.css'

/** Looking over a smear before it is scanned, and choosing where to count. */
export function OverviewDialog() {
  const overview = useOverview((state) => state.overview)
  const problem = useOverview((state) => state.problem)
  const looking = useOverview(
    (state) => state.overview?.state === 'looking' || state.activity === 'opening the microscope',
  )
  useEffect(() => leaveOverviews, [])
  const back = (): void => openDialog('new-scan')
  const accept = (): void => {
    const area = acceptedArea()
    if (!area) return
    chooseArea(area)
    back()
  }
  return (
    <Dialog title="Where to count" testId="overview" wide onClose={back}>
      <div className="dialog-body overview-dialog">
        <LookRow looking={looking} />
        {problem && (
          <p role="alert" className="overview-problem">
            <b>{problem.message}</b> {problem.remedy}
          </p>
        )}
        {overview ? (
          <div className="overview-columns">
            <div className="overview-map">
              <Layers />
              <SmearMapView overview={overview} />
            </div>
            <Proposals />
          </div>
        ) : (
          <p className="overview-empty">
            One image at each place of a coarse raster shows where the smear is thick, rich in cells and in focus. From
            it areas to count in are proposed; you choose one, or draw your own.
          </p>
        )}
        <div className="overview-foot">
          <span className="muted">{RESEARCH_USE_ONLY}</span>
          <Accept onAccept={accept} onBack={back} />
        </div>
      </div>
    </Dialog>
  )
}

/** Starts an overview, or says how far it is; earlier ones of the same slide can be opened. */
function LookRow({ looking }: { readonly looking: boolean }) {
  const overview = useOverview((state) => state.overview)
  const activity = useOverview((state) => state.activity)
  const secondsLeft = useOverview((state) => state.secondsLeft)
  const earlier = useOverview((state) => state.earlier)
  const [withinId, pitchId, earlierId] = [useId(), useId(), useId()]
  const [part, setPart] = useState('')
  const [pitch, setPitch] = useState('')
  const look = (): void => {
    try {
      const extent: StageRect | null = extentOf(part)
      const pitchUm = pitch.trim() === '' ? null : Number(pitch)
      if (pitchUm !== null && !(pitchUm >= 50 && pitchUm <= 20_000))
        throw new RangeError(
          'Places lie 50 to 20000 micrometres apart; empty: as is usual for what there is to look over.',
        )
      void lookOver(extent, pitchUm)
    } catch (error) {
      overviewDesk.set({ problem: { message: (error as Error).message, remedy: '', code: 'invalid-input' } })
    }
  }
  if (looking) {
    const done = overview?.places ?? 0
    const of = overview?.plannedPlaces ?? 0
    return (
      <div className="overview-look">
        <progress value={done} max={Math.max(1, of)} aria-label="Places looked at" />
        <span data-testid="overview-progress">
          {done} of {of} places{secondsLeft !== null && `, ${duration(secondsLeft)} left`}: {activity}
        </span>
        <button type="button" data-testid="stop-overview" onClick={() => void stopLooking()}>
          <Icon name="stop" /> Stop
        </button>
      </div>
    )
  }
  return (
    <div className="overview-look">
      <label htmlFor={withinId}>Only this part, mm</label>
      <input
        id={withinId}
        data-testid="overview-within"
        value={part}
        placeholder="x, y, width, height; empty: all"
        spellCheck={false}
        onChange={(event) => setPart(event.target.value)}
      />
      <label htmlFor={pitchId}>Places apart, µm</label>
      <input
        id={pitchId}
        className="short"
        data-testid="overview-pitch"
        inputMode="numeric"
        value={pitch}
        placeholder="usual"
        onChange={(event) => setPitch(event.target.value)}
      />
      <button type="button" className={overview ? '' : 'primary'} data-testid="look-over" onClick={look}>
        <Icon name="play" /> {overview ? 'Look again' : 'Look over the smear'}
      </button>
      {earlier.length > 0 && (
        <>
          <label htmlFor={earlierId}>Seen before</label>
          <select
            id={earlierId}
            data-testid="earlier-overviews"
            value={overview ? String(overview.overviewId) : ''}
            onChange={(event) => void watch(Number(event.target.value))}
          >
            {!overview && <option value="">choose</option>}
            {earlier.map(({ overviewId, startedAt, places }) => (
              <option key={overviewId} value={overviewId}>
                {moment(startedAt)}, {places} places
              </option>
            ))}
          </select>
        </>
      )}
    </div>
  )
}

/** Which layer of the map is shown, and what its ends mean. */
function Layers() {
  const layer = useOverview((state) => state.layer)
  const { low, high } = LAYER_WORDS[layer]
  return (
    <div className="overview-layers">
      <div className="segments">
        {MAP_LAYERS.map((each) => (
          <label key={each}>
            <input
              type="radio"
              name="layer"
              data-testid={`layer-${each}`}
              checked={each === layer}
              onChange={() => overviewDesk.set({ layer: each })}
            />
            {LAYER_WORDS[each].name}
          </label>
        ))}
      </div>
      <span className="scale" data-layer={layer}>
        {low} <i aria-hidden="true" /> {high}
      </span>
      <span className="muted">T too thick, P particle, s few cells, b out of focus</span>
    </div>
  )
}

/** The areas with their reasons, one's own, and the tools. */
function Proposals() {
  const areas = useOverview((state) => state.areas)
  const drawn = useOverview((state) => state.drawn)
  const excluded = useOverview((state) => state.excluded)
  const choice = useOverview((state) => state.choice)
  const outlook = useOverview((state) => state.outlook)
  const targetCells = useOverview((state) => state.targetCells)
  const tool = useOverview((state) => state.tool)
  return (
    <div className="overview-areas">
      <fieldset>
        <legend>{targetCells === null ? 'Areas' : `Areas for ${targetCells} cells`}</legend>
        {areas === null && <p className="muted">Areas are proposed when the smear has been looked over.</p>}
        {areas?.length === 0 && (
          <p>Nothing that was looked at is countable. Draw an area, or look over another part.</p>
        )}
        {areas?.map(({ rank, expectation, reasons }) => (
          <label key={rank} className="proposal" data-testid={`area-${rank}`}>
            <input
              type="radio"
              name="area"
              checked={choice?.kind === 'proposed' && choice.rank === rank}
              onChange={() => void choose({ kind: 'proposed', rank })}
            />
            <b>{rank}</b>
            <span>
              {expectationWords(expectation, targetCells)}
              <em>{choice?.kind === 'proposed' && choice.rank === rank ? reasons.join(' ') : reasons[0]}</em>
            </span>
          </label>
        ))}
        {drawn.length > 0 && (
          <label className="proposal" data-testid="area-drawn">
            <input
              type="radio"
              name="area"
              checked={choice?.kind === 'drawn'}
              onChange={() => void choose({ kind: 'drawn' })}
            />
            <b>□</b>
            <span>
              Drawn by hand
              {drawn.length > 1 && `, ${drawn.length} parts`}
              {choice?.kind === 'drawn' && outlook && (
                <em>
                  {outlook.expectation && `${expectationWords(outlook.expectation, targetCells)} `}
                  {outlook.reasons.join(' ')}
                </em>
              )}
            </span>
          </label>
        )}
      </fieldset>
      <div className="overview-tools">
        <div className="segments">
          {(['draw', 'exclude'] as const).map((each) => (
            <label key={each}>
              <input
                type="radio"
                name="tool"
                data-testid={`tool-${each}`}
                checked={tool === each}
                onChange={() => overviewDesk.set({ tool: each })}
              />
              {each === 'draw' ? 'Draw an area' : 'Exclude'}
            </label>
          ))}
        </div>
        <button
          type="button"
          data-testid="take-back"
          disabled={(tool === 'draw' ? drawn : excluded).length === 0}
          onClick={() => void takeBack()}
        >
          Take back
        </button>
      </div>
      {excluded.length > 0 && (
        <p className="muted" data-testid="excluded-count">
          {excluded.length === 1 ? 'One rectangle is' : `${excluded.length} rectangles are`} left out.
        </p>
      )}
    </div>
  )
}

function Accept({ onAccept, onBack }: { readonly onAccept: () => void; readonly onBack: () => void }) {
  const ready = useOverview((state) => state.choice !== null && state.outlook?.expectation != null)
  return (
    <>
      <button type="button" onClick={onBack}>
        Back
      </button>
      <button type="button" className="primary" data-testid="accept-area" disabled={!ready} onClick={onAccept}>
        Count here
      </button>
    </>
  )
}
