import type { CellMap } from '../../../shared/contract/evidence.ts'
import { type CellBook, classOf, type View } from '../../app/cell-book.ts'
import { placeOf, UNNAMED } from '../../viewer/box-table.ts'
import type { Places } from './map-geometry.ts'

export const UNSURE = 1
export const UNFAMILIAR = 2
/** A person gave the label. */
export const READ = 4
/** Its field does not count. */
export const LEFT_OUT = 8

/** The cells of a map as they are labelled now: flat arrays, so that a frame goes through twenty thousand of them. */
export interface MapPoints extends Places {
  readonly ids: readonly number[]
  readonly rowOf: ReadonlyMap<number, number>
  /** Index of the class among the codes. */
  readonly place: Uint8Array
  /** Sum of UNSURE, UNFAMILIAR, READ, LEFT_OUT. */
  readonly marks: Uint8Array
  /** Rows in the order of drawing: classes with many cells first, so that a rare one is never under a common one. */
  readonly order: Uint32Array
}

export const NO_POINTS: MapPoints = {
  count: 0,
  ids: [],
  rowOf: new Map(),
  x: new Float32Array(),
  y: new Float32Array(),
  place: new Uint8Array(),
  marks: new Uint8Array(),
  order: new Uint32Array(),
}

export function mapPoints(map: CellMap, book: CellBook, view: View): MapPoints {
  const count = map.cellIds.length
  const place = new Uint8Array(count).fill(UNNAMED)
  const marks = new Uint8Array(count)
  const sizes = new Uint32Array(UNNAMED + 1)
  const rowOf = new Map<number, number>()
  for (const [row, id] of map.cellIds.entries()) {
    rowOf.set(id, row)
    const cell = book.byId.get(id)
    if (!cell) continue
    place[row] = placeOf.get(classOf(cell, view)) ?? UNNAMED
    marks[row] =
      (cell.unsure ? UNSURE : 0) |
      (cell.unfamiliar ? UNFAMILIAR : 0) |
      (cell.reader === null ? 0 : READ) |
      (cell.leftOut === null ? 0 : LEFT_OUT)
    sizes[place[row]]++
  }
  const order = Uint32Array.from({ length: count }, (_, row) => row)
  order.sort((a, b) => sizes[place[b]] - sizes[place[a]] || place[a] - place[b] || a - b)
  const x = Float32Array.from(map.x)
  const y = Float32Array.from(map.y)
  return { count, x, y, ids: map.cellIds, rowOf, place, marks, order }
}

/** Cells the map does not have: met since it was made, or not named. */
export function missingFrom(map: CellMap, book: CellBook): number {
  const newest = map.cellIds.at(-1) ?? 0
  let missing = 0
  for (let i = book.ids.length - 1; i >= 0 && book.ids[i] > newest; i--) missing++
  return missing
}
