/**
 * Most fields between exposure and commit, for the memory: about 10 MB each at 2048 x 1536 px. Enough that the stage runs on
 * through the usual count of 500 cells where looking at a field takes twice as long as reaching it.
 */
export const MOST_FIELDS = 24
/** The same where no stage is kept waiting: enough that every thread has something to do. */
const FEW_FIELDS = 6
/** Cells in a field until it is known how many there are. */
export const ASSUMED_DENSITY = 20

export interface LookAhead {
  readonly hasStage: boolean
  /** Counted cells still wanted; null: no such rule. */
  readonly cellsToGo: number | null
  /** Fields committed and the cells counted in them. */
  readonly fields: number
  readonly counted: number
}

/**
 * How many fields may be in work at once, 1 or more. Where the run ends at a number of cells, about what it takes to find the rest at
 * the density so far, with a tenth and two to spare: every field beyond is captured and looked at for nothing.
 */
export function fieldsInWork({ hasStage, cellsToGo, fields, counted }: LookAhead): number {
  const most = hasStage ? MOST_FIELDS : FEW_FIELDS
  if (cellsToGo === null) return most
  const density = counted > 0 ? counted / fields : ASSUMED_DENSITY
  return Math.min(most, Math.max(1, Math.ceil((1.1 * cellsToGo) / density) + 2))
}
