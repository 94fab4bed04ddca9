import { CLASS_CODES, type ClassCode } from '../taxonomy.ts'

/** A group of a run's cells that are alike to a stop rule. */
export interface TallyRow {
  /** What the model named them; null: no model did. */
  readonly named: ClassCode | null
  /** What a person said; null: nobody has. */
  readonly read: ClassCode | null
  readonly cells: number
}

const CLASSES = CLASS_CODES.length
export const placeOfClass: ReadonlyMap<ClassCode, number> = new Map(CLASS_CODES.map((code, place) => [code, place]))

/** Places of a `CellTally`'s counts: cells nobody read by name, then cells whose class is settled by class. */
export const OBSERVATIONS = 2 * CLASSES
export const settledPlace = (code: ClassCode): number => CLASSES + placeOfClass.get(code)!

/** What was observed of a run's cells, in the form the separation test takes it. */
export interface CellTally {
  /**
   * `OBSERVATIONS` counts: unread cells by the class the model named, in the order of CLASS_CODES; then settled ones by their class. Settled
   * is what a person read, and what the model named a class whose mistakes are not known: that is taken as named.
   */
  readonly counts: Float64Array
  /** By class: of the cells the model named so, the share that a person read, 0-1; where it named none, the share of all cells. */
  readonly readShare: Float64Array
}

/** Cells that no model named and nobody read say nothing and are left out. */
export function tallyOf(rows: readonly TallyRow[], tried: ReadonlySet<ClassCode>): CellTally {
  const counts = new Float64Array(OBSERVATIONS)
  const named = new Float64Array(CLASSES)
  const readOfNamed = new Float64Array(CLASSES)
  for (const row of rows) {
    const place = row.named === null ? null : placeOfClass.get(row.named)!
    if (place !== null) named[place] += row.cells
    if (place !== null && row.read !== null) readOfNamed[place] += row.cells
    if (row.read !== null) counts[settledPlace(row.read)] += row.cells
    else if (row.named !== null)
      counts[tried.has(row.named) ? placeOfClass.get(row.named)! : settledPlace(row.named)] += row.cells
  }
  const all = sum(named)
  const ofAll = all === 0 ? 0 : sum(readOfNamed) / all
  return { counts, readShare: readOfNamed.map((read, place) => (named[place] === 0 ? ofAll : read / named[place])) }
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0)
}
