import { type Draw, seededDraw } from '../differential/draw.ts'
import { CLASS_CODES } from '../taxonomy.ts'
import type { CellTally } from './cell-tally.ts'
import { type Separation, SIDE_ALPHA, type Side } from './separation.ts'

/** Counted cells more, probably; each null: more than `FARTHEST` times those there are, or no number is enough. */
export interface MoreNeeded {
  readonly median: number | null
  /** With eight in ten chances not more than `high` and not fewer than `low`. */
  readonly low: number | null
  readonly high: number | null
}

/** How the rest of the smear may be: so many draws. */
const FUTURES = 21
const FARTHEST = 40
/** From one look to the next in a future: cells more, of those there are. */
const STRIDE = 0.1
const SEED = 20_261_127

/**
 * How many more counted cells it takes until a share is clear of a threshold, as far as the cells so far tell. What the rest of the smear is like is
 * drawn from what the cells so far leave open (Dirichlet, half a cell in all spread over the names); then cells of such a smear are drawn, and the
 * test is asked as they come until it decides. Null where there are no cells to go by.
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
    const extra = cellsUntilClear(separation.thinned, tally, percent, random)
    return extra === null ? Number.POSITIVE_INFINITY : Math.ceil(extra * countedShare)
  }).sort((a, b) => a - b)
  const at = (share: number): number | null => {
    const value = futures[Math.round(share * (FUTURES - 1))]
    return Number.isFinite(value) ? value : null
  }
  return { median: at(0.5), low: at(0.1), high: at(0.9) }
}

/** Cells of any kind, in one future; null: not within reach. */
function cellsUntilClear(separation: Separation, tally: CellTally, percent: number, random: Draw): number | null {
  const counts = Float64Array.from(tally.counts)
  const cells = counts.reduce((sum, count) => sum + count, 0)
  const places = [...counts.keys()].filter((o) => o < CLASS_CODES.length || counts[o] > 0)
  const shares = new Float64Array(places.length)
  const prior = 0.5 / CLASS_CODES.length
  random.dirichlet(
    Float64Array.from(places, (o) => counts[o] + (o < CLASS_CODES.length ? prior : 0)),
    shares,
  )
  const drawn = new Float64Array(places.length)
  for (let extra = 0; extra <= FARTHEST * cells; ) {
    const more = Math.max(10, STRIDE * (cells + extra))
    // Cells of each kind among so many more: parts of cells, with the mean and nearly the spread of whole ones.
    random.dirichlet(
      shares.map((share) => Math.max(1e-12, more * share)),
      drawn,
    )
    for (const [i, o] of places.entries()) counts[o] += more * drawn[i]
    extra += more
    const clear = (side: Side) => separation.pValue(tally, percent, side, counts) <= SIDE_ALPHA
    // Somewhere in the last stride.
    if (clear('below') || clear('above')) return extra - more / 2
  }
  return null
}
