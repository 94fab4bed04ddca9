import { CLASS_CODES, type ClassCode } from '../../shared/taxonomy.ts'
import { type CellBook, classOf, type View } from '../app/cell-book.ts'

/** Place of a class in the table's order; the last is for cells no model named. */
export const UNNAMED = CLASS_CODES.length
export const placeOf: ReadonlyMap<ClassCode | null, number> = new Map<ClassCode | null, number>([
  ...CLASS_CODES.map((code, place) => [code, place] as const),
  [null, UNNAMED],
])

/**
 * The cells as the overlay draws them: flat arrays, class after class, so that a frame goes through ten thousand of them without touching an
 * object and changes its colour twenty times only. All in SlidePx.
 */
export interface BoxTable {
  readonly count: number
  readonly ids: Float64Array
  readonly centreX: Float32Array
  readonly centreY: Float32Array
  readonly width: Float32Array
  readonly height: Float32Array
  /** 1: the machine is unsure and no person has said. */
  readonly unsure: Uint8Array
  /** 1: a person gave the label. */
  readonly read: Uint8Array
  /** 1: its field does not count. */
  readonly leftOut: Uint8Array
  /** Class `place` lies at [start[place], start[place + 1]). */
  readonly start: Uint32Array
  /** Width of a typical box, SlidePx; 0 in an empty table. */
  readonly typicalWidth: number
}

export function boxTable(book: CellBook, view: View): BoxTable {
  const cells = [...book.byId.values()]
  const places = cells.map((cell) => placeOf.get(classOf(cell, view))!)
  const start = new Uint32Array(UNNAMED + 2)
  for (const place of places) start[place + 1]++
  for (let place = 0; place <= UNNAMED; place++) start[place + 1] += start[place]
  const next = start.slice()
  const table = {
    count: cells.length,
    ids: new Float64Array(cells.length),
    centreX: new Float32Array(cells.length),
    centreY: new Float32Array(cells.length),
    width: new Float32Array(cells.length),
    height: new Float32Array(cells.length),
    unsure: new Uint8Array(cells.length),
    read: new Uint8Array(cells.length),
    leftOut: new Uint8Array(cells.length),
    start,
  }
  let widths = 0
  for (const [index, cell] of cells.entries()) {
    const row = next[places[index]]++
    table.ids[row] = cell.id
    table.centreX[row] = cell.slideX
    table.centreY[row] = cell.slideY
    table.width[row] = cell.widthPx
    table.height[row] = cell.heightPx
    table.unsure[row] = cell.unsure ? 1 : 0
    table.read[row] = cell.reader === null ? 0 : 1
    table.leftOut[row] = cell.leftOut === null ? 0 : 1
    widths += cell.widthPx
  }
  return { ...table, typicalWidth: cells.length > 0 ? widths / cells.length : 0 }
}

/** The cell whose box holds a point of the slide, the nearest centre where several do; `reach`: a box counts as at least this wide. */
export function cellAt(table: BoxTable, x: number, y: number, reach: number): number | null {
  let best: number | null = null
  let bestDistance = Number.POSITIVE_INFINITY
  for (let row = 0; row < table.count; row++) {
    const dx = Math.abs(table.centreX[row] - x)
    const dy = Math.abs(table.centreY[row] - y)
    if (dx > Math.max(table.width[row], reach) / 2 || dy > Math.max(table.height[row], reach) / 2) continue
    const distance = dx * dx + dy * dy
    if (distance < bestDistance) {
      bestDistance = distance
      best = table.ids[row]
    }
  }
  return best
}
