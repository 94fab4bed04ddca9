import { type KeyboardEvent, type PointerEvent, useMemo, useRef, useState } from 'react'
import type { StageRect } from '../../../shared/contract/area.ts'
import type { OverviewSummary } from '../../../shared/contract/overview.ts'
import type { Verdict } from '../../../shared/overview/judge.ts'
import { layerValue, smearMap } from '../../../shared/overview/smear-map.ts'
import { VERDICT_WORDS } from '../../../shared/overview/words.ts'
import { firstFrame, nudged, type Point, rectBetween } from './map-geometry.ts'
import { addRect, chosenRects, overviewDesk, takeBack, useOverview } from './overview-store.ts'

/** On every place of the map, so that colour is not the only sign. */
const LETTERS: Readonly<Record<Verdict, string>> = {
  countable: '',
  thick: 'T',
  particle: 'P',
  sparse: 's',
  blurred: 'b',
  empty: '',
}
/** Letters on the map are no larger than this share of its width. */
const LARGEST_LETTER = 0.022
const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
}

/** The smear as it was looked at: a layer of the map, the areas on it, and a frame to draw with. */
export function SmearMapView({ overview }: { readonly overview: OverviewSummary }) {
  const places = useOverview((state) => state.places)
  const layer = useOverview((state) => state.layer)
  const tool = useOverview((state) => state.tool)
  const svg = useRef<SVGSVGElement>(null)
  const from = useRef<Point | null>(null)
  const [frame, setFrame] = useState<StageRect | null>(null)
  const [pointed, setPointed] = useState<number | null>(null)
  const { extent, pitchUm } = overview
  const map = useMemo(() => smearMap(places, pitchUm), [places, pitchUm])
  const letterUm = Math.min(0.42 * pitchUm, extent.widthUm * LARGEST_LETTER)

  const pointOf = (event: PointerEvent): Point => {
    const matrix = svg.current!.getScreenCTM()!.inverse()
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix)
    return { xUm: at.x, yUm: at.y }
  }
  const down = (event: PointerEvent<SVGSVGElement>): void => {
    if (event.button !== 0) return
    event.currentTarget.setPointerCapture(event.pointerId)
    from.current = pointOf(event)
  }
  const move = (event: PointerEvent<SVGSVGElement>): void => {
    const at = pointOf(event)
    setPointed(nearestPlace(at))
    if (from.current) setFrame(rectBetween(from.current, at, overview))
  }
  const up = (event: PointerEvent<SVGSVGElement>): void => {
    const began = from.current
    from.current = null
    setFrame(null)
    if (!began) return
    const at = pointOf(event)
    // A click is no rectangle.
    if (Math.hypot(at.xUm - began.xUm, at.yUm - began.yUm) < overview.step.heightUm / 2) return
    void addRect(rectBetween(began, at, overview))
  }
  const nearestPlace = ({ xUm, yUm }: Point): number | null => {
    let best: { readonly i: number; readonly um: number } | null = null
    for (const [i, place] of places.entries()) {
      const um = Math.hypot(place.xUm - xUm, place.yUm - yUm)
      if (um < pitchUm && (!best || um < best.um)) best = { i, um }
    }
    return best?.i ?? null
  }
  const onKey = (event: KeyboardEvent): void => {
    const arrow = ARROWS[event.key]
    const current = frame ?? chosenRects(overviewDesk.get())[0] ?? firstFrame(overview)
    if (arrow) {
      const next = nudged(current, arrow, event.shiftKey, overview)
      setFrame(next)
      setPointed(nearestPlace({ xUm: next.xUm + next.widthUm / 2, yUm: next.yUm + next.heightUm / 2 }))
    } else if (event.key === 'Enter' && frame) {
      setFrame(null)
      void addRect(frame, 'draw')
    } else if (event.key.toLowerCase() === 'x' && frame) {
      setFrame(null)
      void addRect(frame, 'exclude')
    } else if (event.key === 'Backspace' || event.key === 'Delete') void takeBack()
    else if (event.key === 'Escape' && frame) {
      setFrame(null)
      event.stopPropagation()
    } else return
    event.preventDefault()
  }

  return (
    <>
      <svg
        ref={svg}
        className="smear-map"
        data-testid="smear-map"
        data-places={places.length}
        data-tool={tool}
        role="application"
        aria-label="Map of the smear. Arrows move a frame, with Shift they make it larger or smaller; Enter takes it as an area, X leaves it out, Backspace takes the last one back."
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys move a frame on it.
        tabIndex={0}
        viewBox={`${extent.xUm} ${extent.yUm} ${extent.widthUm} ${extent.heightUm}`}
        onPointerDown={down}
        onPointerMove={move}
        onPointerUp={up}
        onPointerLeave={() => setPointed(null)}
        onKeyDown={onKey}
      >
        {places.map(({ index, xUm, yUm }, i) => {
          const value = layerValue(map, i, layer)
          // One of the raster stands for its surroundings; one looked at more closely is drawn as large as the field it is.
          const raster = isRaster(overview, index)
          const [width, height] = raster ? [pitchUm, pitchUm] : [overview.step.widthUm, overview.step.heightUm]
          const { verdict } = map.judged[i]!
          return (
            <g key={index} data-verdict={verdict}>
              <rect
                className={value === null ? 'place unknown' : `place ${layer}`}
                style={value === null ? undefined : { ['--value' as string]: `${Math.round(100 * value)}%` }}
                x={xUm - width / 2}
                y={yUm - height / 2}
                width={width}
                height={height}
              />
              {raster && LETTERS[verdict] !== '' && (
                <text className="verdict" x={xUm} y={yUm + letterUm * 0.35} fontSize={letterUm}>
                  {LETTERS[verdict]}
                </text>
              )}
            </g>
          )
        })}
        <Areas letterUm={letterUm} />
        {frame && <rect className="frame" {...boxOf(frame)} />}
      </svg>
      <p className="pointed" data-testid="pointed">
        {pointed === null ? (
          <span className="muted">
            Point at a place to read it. Drag to draw; keys: arrows, Shift arrows, Enter, X.
          </span>
        ) : (
          placeWords(map, pointed)
        )}
      </p>
    </>
  )
}

/** Proposed areas with their rank, drawn ones, and what is left out. */
function Areas({ letterUm }: { readonly letterUm: number }) {
  const areas = useOverview((state) => state.areas)
  const drawn = useOverview((state) => state.drawn)
  const excluded = useOverview((state) => state.excluded)
  const choice = useOverview((state) => state.choice)
  return (
    <>
      {areas?.flatMap(({ rank, rects }) =>
        rects.map((rect) => (
          <g key={`${rank} ${rect.xUm} ${rect.yUm}`}>
            <rect className="area" data-chosen={choice?.kind === 'proposed' && choice.rank === rank} {...boxOf(rect)} />
            <text
              className="rank"
              x={rect.xUm + letterUm * 0.25}
              y={rect.yUm + letterUm * 1.05}
              fontSize={letterUm * 1.15}
            >
              {rank}
            </text>
          </g>
        )),
      )}
      {drawn.map((rect, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rectangles have no other name; they are added and taken back at the end.
        <rect key={`d${i}`} className="area drawn" data-chosen={choice?.kind === 'drawn'} {...boxOf(rect)} />
      ))}
      {excluded.map((rect, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: as above.
        <g key={`x${i}`} className="excluded">
          <rect {...boxOf(rect)} />
          <path
            d={`M${rect.xUm} ${rect.yUm}l${rect.widthUm} ${rect.heightUm}m0 ${-rect.heightUm}l${-rect.widthUm} ${rect.heightUm}`}
          />
        </g>
      ))}
    </>
  )
}

const boxOf = ({ xUm, yUm, widthUm, heightUm }: StageRect) => ({ x: xUm, y: yUm, width: widthUm, height: heightUm })

/** The raster's places come first; those looked at more closely after them. */
function isRaster({ extent, pitchUm }: OverviewSummary, index: number): boolean {
  const across = Math.max(1, Math.floor(extent.widthUm / pitchUm))
  const down = Math.max(1, Math.floor(extent.heightUm / pitchUm))
  return index < across * down
}

function placeWords(map: ReturnType<typeof smearMap>, place: number): string {
  const { xUm, yUm, spread } = map.places[place]!
  const { verdict } = map.judged[place]!
  const parts = [`x ${(xUm / 1000).toFixed(2)}, y ${(yUm / 1000).toFixed(2)} mm: ${VERDICT_WORDS[verdict]}.`]
  if (spread.singleShare !== null) parts.push(`${Math.round(100 * spread.singleShare)} % of red cells singly.`)
  if (spread.cellsPerMm2 !== null) parts.push(`${Math.round(spread.cellsPerMm2)} nucleated cells a mm².`)
  return parts.join(' ')
}
