import { RATE_PRIOR_IMAGES } from '../differential/completions.ts'
import { type Draw, seededDraw } from '../differential/draw.ts'
import type { KnownErrors } from '../differential/known-errors.ts'
import { CLASS_CODES, type ClassCode } from '../taxonomy.ts'

/**
 * How often a model may name a class what: rates[i][j] of class i it names j, each row summing to 1, in the order of CLASS_CODES. A class it
 * was never tried on is taken as it names it.
 */
export type Rates = readonly Float64Array[]

/** Draws of the rates: the share of them that speaks against a claim is known to about one in a hundred. */
export const RATE_DRAWS = 120
/** Any: the same for all, so that the same cells stop a run in the same place. */
const SEED = 20_261_126

/**
 * What a model's rates may be, given how often it named its validation images what: the mean first, then draws from the Dirichlet posterior of
 * each class's row (prior of half an image in all, as the corrected differential has it). Few images make for draws that lie far apart.
 */
export function plausibleRates(
  { tried, confusion }: KnownErrors,
  draws: number = RATE_DRAWS,
  random: Draw = seededDraw(SEED),
): Rates[] {
  const among = CLASS_CODES.filter((code) => tried.has(code))
  const shapes = new Map(
    among.map((code) => [
      code,
      Float64Array.from(among, (other) => (confusion?.[code]?.[other] ?? 0) + RATE_PRIOR_IMAGES / among.length),
    ]),
  )
  const mean = (row: Float64Array): Float64Array => {
    const total = row.reduce((sum, value) => sum + value, 0)
    return row.map((value) => value / total)
  }
  const drawn = (row: Float64Array): Float64Array => {
    const out = new Float64Array(row.length)
    random.dirichlet(row, out)
    return out
  }
  const ratesOf = (row: (shape: Float64Array) => Float64Array): Rates =>
    CLASS_CODES.map((code) => spread(code, among, shapes.has(code) ? row(shapes.get(code)!) : null))
  return [ratesOf(mean), ...Array.from({ length: draws }, () => ratesOf(drawn))]
}

/** A row over all classes; null: always named as it is. */
function spread(code: ClassCode, among: readonly ClassCode[], row: Float64Array | null): Float64Array {
  const all = new Float64Array(CLASS_CODES.length)
  if (row === null) all[CLASS_CODES.indexOf(code)] = 1
  else for (const [i, other] of among.entries()) all[CLASS_CODES.indexOf(other)] = row[i]
  return all
}
