import type { Cell } from '../../shared/contract/cells.ts'
import type { Doubt } from '../../shared/contract/differential.ts'

/** Error rates the reader may choose from, strictest first; empty: the model states none. */
export function errorRates(doubt: Doubt | null): readonly number[] {
  if (!doubt?.unsure) return []
  return [doubt.unsure, ...doubt.atOtherRates].map(({ errorRate }) => errorRate).sort((a, b) => a - b)
}

/**
 * The probability under which a cell is unsure for a reader who asked for an error rate; null: as the bench marked it, which is the
 * model's own rate. A model that states no limit for that rate is asked for its own.
 */
export function unsureLimit(doubt: Doubt | null, errorRate: number): number | null {
  return doubt?.atOtherRates.find((entry) => entry.errorRate === errorRate)?.below ?? null
}

/** The cell as unsure or not under a limit. */
export function markedUnsure(cell: Cell, below: number): Cell {
  const unsure = cell.reader === null && cell.probability !== null && cell.probability < below
  return unsure === cell.unsure ? cell : { ...cell, unsure }
}
