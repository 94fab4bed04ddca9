import { type ReactNode, useEffect, useRef, useState } from 'react'
import { cropUrl } from '../../app/bench.ts'
import { classOf } from '../../app/cell-book.ts'
import { useDesk } from '../../app/desk.ts'
import { className, Swatch } from '../../ui/ClassName.tsx'
import { clock, counted } from '../../ui/format.ts'
import { Icon } from '../../ui/Icon.tsx'
import { MapLegend } from './MapLegend.tsx'
import { ensureMap, mapHandle, pickClassInView, pickNear, toggleLasso, toggleMap } from './map-actions.ts'
import { makeMap, stopMap, useMap } from './map-link.ts'
import { missingFrom } from './map-points.ts'
import { type Hovered, MapView } from './map-view.ts'
import './map.css'

/** The run's cells on a plane, those together that look alike to the machine. */
export function CellMapPanel() {
  const runId = useDesk((state) => state.run?.runId ?? null)
  const reading = useDesk((state) => state.reading)
  const canvas = useRef<HTMLCanvasElement>(null)
  const [view, setView] = useState<MapView | null>(null)
  const [hovered, setHovered] = useState<Hovered | null>(null)
  const lasso = useDesk((state) => state.mapLasso)
  const drawable = useMap((state) => state.map !== null)

  useEffect(() => {
    if (runId !== null) ensureMap(runId, reading)
  }, [runId, reading])
  useEffect(() => {
    if (!canvas.current) return
    const created = new MapView(canvas.current, setHovered)
    setView(created)
    mapHandle.current = created
    return () => {
      mapHandle.current = null
      setView(null)
      created.destroy()
    }
  }, [])

  return (
    <section className="cell-map" aria-label="Map of the cells" data-testid="cell-map">
      <div className="cell-map-bar" role="toolbar" aria-label="Map">
        <h2 className="panel-heading">Map</h2>
        <span className="spread" />
        <Tool
          label="Draw a line round cells (Shift L, or hold Shift)"
          pressed={lasso}
          act={toggleLasso}
          testId="map-lasso"
        >
          <Icon name="lasso" /> Lasso
        </Tool>
        <Tool
          label="Pick the cells nearest to the selected one; again: more (Shift N)"
          act={pickNear}
          testId="map-near"
        >
          Nearest
        </Tool>
        <Tool
          label="Pick the cells in sight of the selected one's class (Shift C)"
          act={pickClassInView}
          testId="map-class"
        >
          Class
        </Tool>
        <Tool label="The whole map (0)" act={() => view?.fit()} testId="map-fit">
          <Icon name="fit" />
        </Tool>
        <Tool label="Put the map away (Shift M)" act={toggleMap} testId="map-close">
          <Icon name="close" />
        </Tool>
      </div>
      <div className="cell-map-body">
        <canvas
          ref={canvas}
          className={lasso ? 'cell-map-canvas drawing' : 'cell-map-canvas'}
          data-region="map"
          data-testid="map-canvas"
        />
        {hovered && <HoverCard hovered={hovered} width={canvas.current?.clientWidth ?? 0} />}
        <MapState runId={runId} covered={drawable} />
      </div>
      <MapFoot />
    </section>
  )
}

interface ToolProps {
  readonly label: string
  readonly act: () => void
  readonly children: ReactNode
  readonly testId: string
  readonly pressed?: boolean
}

function Tool({ label, act, children, testId, pressed }: ToolProps) {
  return (
    <button
      type="button"
      className="plain"
      title={label}
      aria-label={label}
      aria-pressed={pressed}
      data-testid={testId}
      onClick={act}
    >
      {children}
    </button>
  )
}

/** What stands between a person and the map: it is being made, could not be, or lacks cells. */
function MapState({ runId, covered }: { readonly runId: number | null; readonly covered: boolean }) {
  const status = useMap((state) => state.status)
  const problem = useMap((state) => state.problem)
  const map = useMap((state) => state.map)
  const cells = useDesk((state) => state.cells)
  const reading = useDesk((state) => state.reading)
  if (runId === null) return <div className="cell-map-state">A map needs the cells of a scan.</div>
  const make = (): void => void makeMap(runId, reading)
  if (status === 'working') return <Working covered={covered} />
  if (status === 'failed')
    return (
      <div className="cell-map-state" role="alert" data-testid="map-problem">
        <p>{problem?.message}</p>
        <p className="muted">{problem?.remedy}</p>
        <button type="button" onClick={make}>
          Try again
        </button>
      </div>
    )
  if (status === 'stopped')
    return (
      <div className="cell-map-state">
        <p>The map was stopped.</p>
        <button type="button" onClick={make}>
          Make the map
        </button>
      </div>
    )
  const missing = map ? missingFrom(map, cells) : 0
  if (missing === 0) return null
  return (
    <button type="button" className="cell-map-newer" data-testid="map-update" onClick={make}>
      {counted(missing, 'newer cell')} not on the map: make it anew
    </button>
  )
}

function Working({ covered }: { readonly covered: boolean }) {
  const done = useMap((state) => state.done)
  const left = clock(useMap((state) => state.secondsLeft))
  return (
    <div className={covered ? 'cell-map-state aside' : 'cell-map-state'} data-testid="map-working">
      <p>
        Making the map: <b>{(done * 100).toFixed(0)} %</b>
        {left !== null && `, ${left} left`}
      </p>
      <div
        className="cell-map-progress"
        role="progressbar"
        aria-label="The map"
        aria-valuenow={Math.round(done * 100)}
        aria-valuemax={100}
      >
        <i style={{ width: `${done * 100}%` }} />
      </div>
      <button type="button" onClick={stopMap} data-testid="map-stop">
        <Icon name="stop" /> Stop
      </button>
    </div>
  )
}

const CARD_PX = 112

/** The cell under the pointer. */
function HoverCard({ hovered, width }: { readonly hovered: Hovered; readonly width: number }) {
  const cell = useDesk((state) => state.cells.byId.get(hovered.cellId))
  const view = useDesk((state) => state.view)
  if (!cell) return null
  const code = classOf(cell, view)
  const left = hovered.x + 16 + CARD_PX > width ? hovered.x - 16 - CARD_PX : hovered.x + 16
  return (
    <div className="cell-map-card" style={{ left, top: Math.max(4, hovered.y - 40) }} data-testid="map-card">
      <img src={cropUrl(cell.id)} alt="" width={CARD_PX} height={CARD_PX} draggable={false} />
      <p>
        <Swatch code={code} /> {className(code)}
      </p>
      <p className="muted">
        {cell.reader !== null ? `${cell.reader} said so` : `machine ${((cell.probability ?? 0) * 100).toFixed(0)} %`}
        {cell.unsure && ', unsure'}
        {cell.unfamiliar && ', unfamiliar'}
        {cell.leftOut && ', in a field left out'}
      </p>
    </div>
  )
}

function MapFoot() {
  const map = useMap((state) => state.map)
  if (!map) return null
  const all = map.cellIds.length
  return (
    <div className="cell-map-foot">
      <MapLegend />
      <p className="muted">
        {map.basis === 'embedding'
          ? `By the features ${map.model} sees.`
          : `By the probabilities of ${map.model}, which gives no features.`}{' '}
        Near means alike to the machine; how far apart groups lie means little.
        {map.laidOut < all &&
          ` Laid out from ${map.laidOut} of ${all} cells; the others lie among those they are most like.`}
      </p>
    </div>
  )
}
