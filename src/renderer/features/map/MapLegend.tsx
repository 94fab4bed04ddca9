import { useEffect, useRef } from 'react'
import { type Lineage, TAXONOMY } from '../../../shared/taxonomy.ts'
import { countByClass } from '../../app/cell-book.ts'
import { useDesk } from '../../app/desk.ts'
import { Swatch } from '../../ui/ClassName.tsx'
import { placeOf } from '../../viewer/box-table.ts'
import { DIMMED, GROUND, point } from './draw-map.ts'
import { LEFT_OUT, READ, UNFAMILIAR, UNSURE } from './map-points.ts'

const MARKS = [
  { marks: 0, words: 'sure' },
  { marks: UNSURE, words: 'unsure' },
  { marks: UNFAMILIAR, words: 'unfamiliar' },
  { marks: READ, words: 'labelled by a person' },
  { marks: LEFT_OUT, words: 'in a field left out' },
] as const

const LINEAGES: readonly Lineage[] = [...new Set(TAXONOMY.map((entry) => entry.lineage))]

/** Colours by lineage, lightness by maturity, and what the shapes say. Only what is there. */
export function MapLegend() {
  const cells = useDesk((state) => state.cells)
  const view = useDesk((state) => state.view)
  const counts = countByClass(cells, view)
  let [unsure, unfamiliar, read, leftOut] = [false, false, false, false]
  for (const cell of cells.byId.values()) {
    unsure ||= cell.unsure
    unfamiliar ||= cell.unfamiliar === true
    read ||= cell.reader !== null
    leftOut ||= cell.leftOut !== null
  }
  const there = {
    [UNSURE]: unsure,
    [UNFAMILIAR]: unfamiliar,
    [READ]: read,
    [LEFT_OUT]: leftOut,
    0: unsure || unfamiliar || read,
  }
  return (
    <ul className="cell-map-legend" aria-label="Legend">
      {LINEAGES.map((lineage) => {
        const classes = TAXONOMY.filter((entry) => entry.lineage === lineage && (counts.get(entry.code) ?? 0) > 0)
        return classes.length === 0 ? null : (
          <li key={lineage} title={classes.map((entry) => `${entry.code} ${entry.name}`).join('\n')}>
            {classes.map((entry) => (
              <Swatch key={entry.code} code={entry.code} />
            ))}
            {lineage}
          </li>
        )
      })}
      {MARKS.map(({ marks, words }) =>
        there[marks] ? (
          <li key={words}>
            <Mark marks={marks} /> {words}
          </li>
        ) : null,
      )}
    </ul>
  )
}

const SIDE_PX = 16

function Mark({ marks }: { readonly marks: number }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    const ctx = canvas.current?.getContext('2d')
    if (!ctx) return
    ctx.setTransform(2, 0, 0, 2, 0, 0)
    ctx.fillStyle = GROUND
    ctx.fillRect(0, 0, SIDE_PX, SIDE_PX)
    ctx.globalAlpha = marks & LEFT_OUT ? DIMMED : 1
    point(ctx, placeOf.get('MYB')!, marks, SIDE_PX / 2, SIDE_PX / 2, 4.5)
  }, [marks])
  return (
    <span aria-hidden="true">
      <canvas ref={canvas} width={2 * SIDE_PX} height={2 * SIDE_PX} />
    </span>
  )
}
