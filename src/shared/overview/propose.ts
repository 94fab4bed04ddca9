import type { StageRect } from '../contract/area.ts'
import { type AreaExpectation, type CountedShare, expectArea, type FieldPace, type FieldStep } from './expect.ts'
import { overlaps, type SmearMap } from './smear-map.ts'

export interface Proposing {
  readonly step: FieldStep
  readonly targetCells: number
  readonly excluded: readonly StageRect[]
  readonly counted: CountedShare
  readonly pace: FieldPace | null
  /** At most so many areas. */
  readonly most: number
}

export interface ProposedArea {
  /** 1: the best. */
  readonly rank: number
  /** One, or a few where no single one holds enough countable fields; the best first. Whole fields each. */
  readonly rects: readonly StageRect[]
  /** Mean score of its fields, 0-1. */
  readonly score: number
  readonly expectation: AreaExpectation
}

/** An area is expected to hold so many times the cells asked for. */
const RESERVE = 1.3
/** Below this share of countable fields a single rectangle is not good enough where several smaller ones are better. */
const GOOD_SHARE = 0.9
/** An area is proposed only where this share of its fields is countable. */
const LEAST_SHARE = 0.5
const MOST_RECTS = 3
const MOST_FIELDS_A_SIDE = 60

/**
 * Areas that hold the cells asked for, in whole fields, ranked by how good their fields are to count in; they do not overlap. What an excluded
 * rectangle touches is not countable. Empty: nothing on the map is countable.
 */
export function proposeAreas(map: SmearMap, asked: Proposing): ProposedArea[] {
  const grid = gridOf(map, asked)
  if (!grid) return []
  const taken: StageRect[] = []
  const areas: Omit<ProposedArea, 'rank'>[] = []
  while (areas.length < asked.most) {
    const found = bestArea(grid, asked, taken)
    if (!found) break
    taken.push(...found)
    const expectation = expectArea(map, { ...asked, rects: found })
    if (!expectation) break
    const score = mean(found.map((rect) => grid.measure(windowOf(grid, rect)).score))
    areas.push({ rects: found, score, expectation })
  }
  return areas
    .toSorted((a, b) => worth(b.score, b.expectation.countableShare) - worth(a.score, a.expectation.countableShare))
    .map((area, i) => ({ rank: i + 1, ...area }))
}

/** Fields that cannot be counted cost a move each and spoil the look of an area: they weigh more than a little less of everything. */
const worth = (score: number, countable: number): number => score * countable ** 2

interface Window {
  readonly column: number
  readonly row: number
  readonly columns: number
  readonly rows: number
}

interface Measured {
  readonly score: number
  readonly countable: number
  /** Nucleated cells a field, those of fields that are not countable left out. */
  readonly cells: number
}

interface Grid {
  readonly xUm: number
  readonly yUm: number
  readonly columns: number
  readonly rows: number
  readonly step: FieldStep
  /** Means over the fields of a window. */
  measure(window: Window): Measured
}

/** Every field there could be, and sums over them from the upper left corner, so that any rectangle of them costs four look-ups. */
function gridOf(map: SmearMap, { step, excluded }: Proposing): Grid | null {
  if (map.places.length === 0) return null
  const xs = map.places.map(({ xUm }) => xUm)
  const ys = map.places.map(({ yUm }) => yUm)
  const xUm = Math.min(...xs) - step.widthUm / 2
  const yUm = Math.min(...ys) - step.heightUm / 2
  const columns = Math.max(1, Math.floor((Math.max(...xs) - xUm) / step.widthUm + 0.5))
  const rows = Math.max(1, Math.floor((Math.max(...ys) - yUm) / step.heightUm + 0.5))
  const stride = columns + 1
  const sums = [0, 1, 2].map(() => new Float64Array(stride * (rows + 1)))
  const fieldMm2 = step.widthUm * step.heightUm * 1e-6
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const field = { xUm: xUm + column * step.widthUm, yUm: yUm + row * step.heightUm, ...step }
      const out = excluded.some((rect) => overlaps(rect, field))
      const point = out ? null : map.at(field.xUm + step.widthUm / 2, field.yUm + step.heightUm / 2)
      const values = point ? [point.score, point.countable, point.countable * point.cellsPerMm2 * fieldMm2] : [0, 0, 0]
      const at = (row + 1) * stride + column + 1
      for (const [k, sum] of sums.entries())
        sum[at] = values[k]! + sum[at - 1]! + sum[at - stride]! - sum[at - stride - 1]!
    }
  }
  return {
    xUm,
    yUm,
    columns,
    rows,
    step,
    measure(window) {
      const count = window.columns * window.rows
      const [from, to] = [window.row * stride + window.column, (window.row + window.rows) * stride + window.column]
      const [score, countable, cells] = sums.map(
        (sum) => (sum[to + window.columns]! - sum[to]! - sum[from + window.columns]! + sum[from]!) / count,
      )
      return { score: score!, countable: countable!, cells: cells! }
    },
  }
}

/** The best rectangle, or the best few smaller ones together where one alone is not good; null: nothing countable is left. */
function bestArea(grid: Grid, asked: Proposing, taken: readonly StageRect[]): StageRect[] | null {
  let best: { readonly rects: StageRect[]; readonly worth: number } | null = null
  for (let parts = 1; parts <= MOST_RECTS; parts++) {
    const rects: StageRect[] = []
    for (let part = 0; part < parts; part++) {
      const rect = bestRect(grid, asked, asked.targetCells / parts, [...taken, ...rects])
      if (rect) rects.push(rect)
    }
    if (rects.length < parts) break
    const measured = rects.map((rect) => grid.measure(windowOf(grid, rect)))
    const countable = mean(measured.map((each) => each.countable))
    if (countable < LEAST_SHARE) continue
    const value = worth(mean(measured.map((each) => each.score)), countable)
    if (!best || value > 1.1 * best.worth) best = { rects, worth: value }
    if (countable >= GOOD_SHARE) break
  }
  return best?.rects ?? null
}

/** Its size follows from the cells there are where it lies: found once with the size for usual fields, then with its own. */
function bestRect(grid: Grid, asked: Proposing, cells: number, taken: readonly StageRect[]): StageRect | null {
  let perField = typicalCells(grid)
  let found: Window | null = null
  for (let round = 0; round < 2; round++) {
    // One more: a small area is a matter of single fields.
    const fields = 1 + (RESERVE * cells) / Math.max(0.1, perField * asked.counted.share)
    const next = bestWindow(grid, shapeFor(fields, grid.step), taken)
    if (!next) return found && rectOf(grid, found)
    found = next
    perField = grid.measure(next).cells
  }
  return found && rectOf(grid, found)
}

function bestWindow(grid: Grid, shape: Pick<Window, 'columns' | 'rows'>, taken: readonly StageRect[]): Window | null {
  const columns = Math.min(shape.columns, grid.columns)
  const rows = Math.min(shape.rows, grid.rows)
  const blocked = taken.map((rect) => windowOf(grid, rect))
  let best: { readonly window: Window; readonly worth: number } | null = null
  for (let row = 0; row + rows <= grid.rows; row++) {
    for (let column = 0; column + columns <= grid.columns; column++) {
      const window = { column, row, columns, rows }
      const { score, countable } = grid.measure(window)
      const value = worth(score, countable)
      if (value <= 0 || (best && value <= best.worth) || blocked.some((other) => meet(window, other))) continue
      best = { window, worth: value }
    }
  }
  return best?.window ?? null
}

/** About square on the slide. */
function shapeFor(fields: number, step: FieldStep): Pick<Window, 'columns' | 'rows'> {
  const clamp = (value: number) => Math.max(1, Math.min(MOST_FIELDS_A_SIDE, value))
  const columns = clamp(Math.round(Math.sqrt((fields * step.heightUm) / step.widthUm)))
  return { columns, rows: clamp(Math.ceil(fields / columns)) }
}

/** Nucleated cells in a field where it is countable: the mean over the grid. */
function typicalCells(grid: Grid): number {
  const { cells, countable } = grid.measure({ column: 0, row: 0, columns: grid.columns, rows: grid.rows })
  return countable === 0 ? 0 : cells / countable
}

function rectOf({ xUm, yUm, step }: Grid, { column, row, columns, rows }: Window): StageRect {
  return {
    xUm: xUm + column * step.widthUm,
    yUm: yUm + row * step.heightUm,
    widthUm: columns * step.widthUm,
    heightUm: rows * step.heightUm,
  }
}

function windowOf({ xUm, yUm, step }: Pick<Grid, 'xUm' | 'yUm' | 'step'>, rect: StageRect): Window {
  return {
    column: Math.round((rect.xUm - xUm) / step.widthUm),
    row: Math.round((rect.yUm - yUm) / step.heightUm),
    columns: Math.round(rect.widthUm / step.widthUm),
    rows: Math.round(rect.heightUm / step.heightUm),
  }
}

const meet = (a: Window, b: Window): boolean =>
  a.column < b.column + b.columns && b.column < a.column + a.columns && a.row < b.row + b.rows && b.row < a.row + a.rows

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
