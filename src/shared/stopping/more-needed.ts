import { type Draw, seededDraw } from '../differential/draw.ts'
import { CLASS_CODES } from '../taxonomy.ts'
import { type CellTally, OBSERVATIONS } from './cell-tally.ts'
import { type Separation, SIDE_ALPHA } from './separation.ts'

/** Counted cells more, probably; each null: more than `FARTHEST` times those there are, or no number is enough. */
export interface MoreNeeded {
  readonly median: number | null
  /** With eight in ten chances not more than `high` and not fewer than `low`. */
  readonly low: number | null
  readonly high: number | null
}

/** How the rest of the smear may be: so many draws. */
const FUTURES = 21
const FARTHEST = 200
const SEED = 20_261_127

/**
 * How many more counted cells it takes until a share is clear of a threshold, as far as the cells so far tell. What the rest of the smear is like is
 * drawn from what the cells so far leave open (Dirichlet, half a cell of each observation that was made spread over them), and each future is
 * followed until the test decides. Null where there are no cells to go by.
 */
export function moreNeeded(
  separation: Separation,
  tally: CellTally,
  percent: number,
  random: Draw = seededDraw(SEED),
): MoreNeeded | null {
  const cells = tally.counts.reduce((sum, count) => sum + count, 0)
  const countedShare = cells === 0 ? 0 : separation.counted(tally) / cells
  if (countedShare <= 0) return null
  if (separation.standing(tally, percent).side !== null) return { median: 0, low: 0, high: 0 }
  const futures = Array.from({ length: FUTURES }, () => {
    const extra = cellsUntilClear(separation.thinned, tally, percent, future(tally.counts, random))
    return extra === null ? Number.POSITIVE_INFINITY : Math.ceil(extra * countedShare)
  }).sort((a, b) => a - b)
  const at = (share: number): number | null => {
    const value = futures[Math.round(share * (FUTURES - 1))]
    return Number.isFinite(value) ? value : null
  }
  return { median: at(0.5), low: at(0.1), high: at(0.9) }
}

/** What the smear may be like: shares of the observations. */
function future(counts: Float64Array, random: Draw): Float64Array {
  const shapes = counts.map((count, o) => count + (o < CLASS_CODES.length ? 0.5 / CLASS_CODES.length : 0) + 1e-9)
  const shares = new Float64Array(OBSERVATIONS)
  random.dirichlet(shapes, shares)
  return shares
}

/** Cells of any kind; null: not within reach. */
function cellsUntilClear(
  separation: Separation,
  tally: CellTally,
  percent: number,
  shares: Float64Array,
): number | null {
  const cells = tally.counts.reduce((sum, count) => sum + count, 0)
  const clearAfter = (extra: number): boolean => {
    const counts = tally.counts.map((count, o) => count + extra * shares[o])
    return (['below', 'above'] as const).some((side) => separation.pValue(tally, percent, side, counts) <= SIDE_ALPHA)
  }
  let reach = 16
  while (!clearAfter(reach)) {
    reach *= 2
    if (reach > FARTHEST * cells) return null
  }
  let [short, enough] = [reach / 2, reach]
  for (let step = 0; step < 6; step++) {
    const middle = (short + enough) / 2
    if (clearAfter(middle)) enough = middle
    else short = middle
  }
  return enough
}
