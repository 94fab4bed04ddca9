import { ASSUMED_DENSITY } from './look-ahead.ts'

export interface WayToGo {
  /** null: not known how many there are. */
  readonly plannedFields: number | null
  /** Counted cells until it may stop by them; null: no such rule. */
  readonly cellsToGo: number | null
  /** Fields committed, and the cells counted in them. */
  readonly fields: number
  readonly counted: number
}

/** Fields until the area or a number of cells ends the run, at the density so far; null: it cannot be told. */
export function fieldsToGo({ plannedFields, cellsToGo, fields, counted }: WayToGo): number | null {
  const density = counted > 0 ? counted / fields : ASSUMED_DENSITY
  const byCells = cellsToGo === null ? null : Math.ceil(cellsToGo / density)
  const byPlan = plannedFields === null ? null : Math.max(0, plannedFields - fields)
  if (byCells === null || byPlan === null) return byCells ?? byPlan
  return Math.min(byCells, byPlan)
}
