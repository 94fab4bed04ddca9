/**
 * In which order the fields of a plan are visited. Fields lie on a grid; a place of it is the number `row * columns + column`.
 * Everything here depends on its arguments alone, so a resumed run goes on in the order it was begun with.
 */
export interface FieldGrid {
  readonly columns: number
  readonly rows: number
  /** Columns scanned together. */
  readonly bandColumns: number
}

export interface GridPlace {
  readonly column: number
  readonly row: number
}

/**
 * Bands of a few columns, one after the other, down and up in turn; within a band a serpentine, row by row. A count that ends early has then
 * looked at one compact area, not at a strip across the smear.
 */
export function bandPlace(grid: FieldGrid, index: number): GridPlace {
  const band = Math.floor(index / (grid.rows * grid.bandColumns))
  const inBand = index - band * grid.rows * grid.bandColumns
  const width = bandWidth(grid, band)
  const line = Math.floor(inBand / width)
  const along = inBand % width
  return {
    column: band * grid.bandColumns + (line % 2 === 0 ? along : width - 1 - along),
    row: band % 2 === 0 ? line : grid.rows - 1 - line,
  }
}

/** The other way round. */
export function bandIndex(grid: FieldGrid, { column, row }: GridPlace): number {
  const band = Math.floor(column / grid.bandColumns)
  const width = bandWidth(grid, band)
  const line = band % 2 === 0 ? row : grid.rows - 1 - row
  const inBand = column - band * grid.bandColumns
  return band * grid.rows * grid.bandColumns + line * width + (line % 2 === 0 ? inBand : width - 1 - inBand)
}

function bandWidth(grid: FieldGrid, band: number): number {
  return Math.min(grid.bandColumns, grid.columns - band * grid.bandColumns)
}

/** The wanted places of one block of a grid, in its bands. */
export function serpentine(grid: FieldGrid, from: GridPlace, to: GridPlace, wanted: ReadonlySet<number>): number[] {
  const block = { columns: to.column - from.column, rows: to.row - from.row, bandColumns: grid.bandColumns }
  const order: number[] = []
  for (let index = 0; index < block.columns * block.rows; index++) {
    const { column, row } = bandPlace(block, index)
    const place = (from.row + row) * grid.columns + from.column + column
    if (wanted.has(place)) order.push(place)
  }
  return order
}

/**
 * From the wanted place nearest to `from`, always on to the nearest one that is left; of several as near, to the one nearest to `from`.
 * Nearness is counted in fields, not micrometres: what a move costs is mostly the wait until the stage is still. So the area that is
 * scanned grows round its beginning as a spiral does, whatever its outline.
 */
export function nearestFirst(
  { columns, rows }: Pick<FieldGrid, 'columns' | 'rows'>,
  from: GridPlace,
  wanted: ReadonlySet<number>,
): number[] {
  const left = new Set(wanted)
  const order: number[] = []
  let here: GridPlace = from
  while (left.size > 0) {
    const next = nearestPlace({ columns, rows }, here, from, left)
    order.push(next)
    left.delete(next)
    here = { column: next % columns, row: Math.floor(next / columns) }
  }
  return order
}

/**
 * The wanted place nearest to `here`, of several the one nearest to `from`. Looks along squares round `here`, each a field wider; what lies
 * on the next one may still be nearer than a corner of this one. @throws RangeError where none is wanted.
 */
export function nearestPlace(
  { columns, rows }: Pick<FieldGrid, 'columns' | 'rows'>,
  here: GridPlace,
  from: GridPlace,
  left: ReadonlySet<number>,
): number {
  const middle = { column: clamp(Math.round(here.column), columns), row: clamp(Math.round(here.row), rows) }
  let best: { readonly place: number; readonly far: number; readonly out: number } | null = null
  const ask = (column: number, row: number): void => {
    if (column < 0 || row < 0 || column >= columns || row >= rows) return
    const place = row * columns + column
    if (!left.has(place)) return
    const far = (column - here.column) ** 2 + (row - here.row) ** 2
    const out = (column - from.column) ** 2 + (row - from.row) ** 2
    if (!best || far < best.far || (far === best.far && (out < best.out || (out === best.out && place < best.place))))
      best = { place, far, out }
  }
  for (let reach = 0; reach <= columns + rows; reach++) {
    if (best !== null && (best as { far: number }).far <= (reach - 1) ** 2) break
    for (let column = middle.column - reach; column <= middle.column + reach; column++) {
      ask(column, middle.row - reach)
      if (reach > 0) ask(column, middle.row + reach)
    }
    for (let row = middle.row - reach + 1; row < middle.row + reach; row++) {
      ask(middle.column - reach, row)
      ask(middle.column + reach, row)
    }
  }
  if (best === null) throw new RangeError('a wanted place outside the grid')
  return (best as { place: number }).place
}

const clamp = (value: number, count: number): number => Math.min(count - 1, Math.max(0, value))
