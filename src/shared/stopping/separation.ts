import { type ClassCode, TAXONOMY } from '../taxonomy.ts'
import { Bets } from './bets.ts'
import { type CellTally, OBSERVATIONS } from './cell-tally.ts'
import type { Rates } from './plausible-rates.ts'
import { possible, type ScoresInput, unbiasedScores } from './unbiased-scores.ts'

/** On which side of the threshold the share is for sure. */
export type Side = 'below' | 'above'

/** Of a 95 % interval, one side. */
export const SIDE_ALPHA = 0.025

export interface Standing {
  /** null: not clear of it yet. */
  readonly side: Side | null
  /** Of "the share is at the threshold or above", and of "at it or below": what speaks against each, whenever one looks. */
  readonly pBelow: number
  readonly pAbove: number
}

/** A share of 1 in 40 of them is the least that shows. */
const THINNED_DRAWS = 40

/** Scores for one plausible matrix of rates: of the group, and of all counted cells. */
interface Scored {
  readonly group: Float64Array
  readonly counted: Float64Array
  readonly possible: readonly boolean[]
}

const isCounted = TAXONOMY.map((entry) => (entry.counted ? 1 : 0))

/**
 * Whether the true share of a group of classes, of the counted cells, is clear of a threshold, however often one looks.
 *
 * Each cell has a score whose mean over what the model may name it is 1 - t for a cell of the group, -t for another counted one and 0 for one not
 * counted (`unbiased-scores.ts`): its mean over cells is above 0 just where the share is above t. That it is not is tested by betting (`bets.ts`).
 * The rates of the model's mistakes are known from validation images only: the p-value is the mean over what they may be (`plausible-rates.ts`),
 * so nearly all of them have to say the same. See docs/decisions/0023.
 */
export class Separation {
  readonly #rates: readonly Rates[]
  readonly #tried: ReadonlySet<ClassCode>
  readonly #classes: readonly ClassCode[]
  readonly #group: Float64Array
  #scored: { readonly key: string; readonly all: readonly (Scored | null)[] } | null = null
  #thinned: Separation | null = null
  readonly #bets = new Map<string, Bets[]>()

  /** @param rates the mean first, as `plausibleRates` gives them. */
  constructor(group: readonly ClassCode[], rates: readonly Rates[], tried: ReadonlySet<ClassCode>) {
    this.#rates = rates
    this.#classes = group
    this.#tried = tried
    this.#group = Float64Array.from(TAXONOMY, (entry) => (entry.counted && group.includes(entry.code) ? 1 : 0))
  }

  /** The same by fewer rates: quicker, for what need not be exact. */
  get thinned(): Separation {
    this.#thinned ??= new Separation(this.#classes, this.#rates.slice(0, 1 + THINNED_DRAWS), this.#tried)
    return this.#thinned
  }

  /** Percent of the counted cells, from what the model's mean rates say; below 0 or above 100 where chance has it. null: no cell is counted. */
  estimate(tally: CellTally): number | null {
    const mean = this.#score(tally)[0]
    const counted = mean ? dot(tally.counts, mean.counted) : 0
    return mean && counted > 0 ? (100 * dot(tally.counts, mean.group)) / counted : null
  }

  /** Cells expected in the denominator, from the model's mean rates. */
  counted(tally: CellTally): number {
    const mean = this.#score(tally)[0]
    return mean ? Math.max(0, dot(tally.counts, mean.counted)) : 0
  }

  standing(tally: CellTally, percent: number): Standing {
    const pBelow = this.pValue(tally, percent, 'below')
    const pAbove = this.pValue(tally, percent, 'above')
    return { side: pBelow <= SIDE_ALPHA ? 'below' : pAbove <= SIDE_ALPHA ? 'above' : null, pBelow, pAbove }
  }

  /**
   * What speaks against the share being elsewhere than on this side. Once it is sure to be above `SIDE_ALPHA`, no more rates are asked: then it is
   * a lower limit.
   *
   * @param counts instead of the tally's own, e.g. as they may be later.
   */
  pValue(tally: CellTally, percent: number, side: Side, counts: Float64Array = tally.counts): number {
    const bets = this.#betsFor(tally, percent, side)
    const ofMean = bets(0)?.pValue(counts) ?? 1
    const draws = this.#rates.length - 1
    if (ofMean > SIDE_ALPHA || draws === 0) return ofMean
    let sum = 0
    for (let draw = 1; draw <= draws && sum <= SIDE_ALPHA * draws; draw++) sum += bets(draw)?.pValue(counts) ?? 1
    return Math.max(ofMean, sum / draws)
  }

  /** 95 %, percent: the thresholds it is not clear of. It holds the true share at all times together. */
  interval(tally: CellTally): { readonly low: number; readonly high: number } {
    const estimate = Math.min(100, Math.max(0, this.estimate(tally) ?? 50))
    const clear = (percent: number, side: Side) => this.pValue(tally, percent, side) <= SIDE_ALPHA
    return {
      low: bisect(estimate, 0, (percent) => clear(percent, 'above')),
      high: bisect(estimate, 100, (percent) => clear(percent, 'below')),
    }
  }

  #score(tally: CellTally): readonly (Scored | null)[] {
    const read = tally.readShare.some((share) => share > 0)
    // Where nothing is read there is one set of scores; else the best one depends on how frequent each observation is.
    const frequency = read ? frequencyOf(tally.counts) : new Float64Array(OBSERVATIONS).fill(1)
    const key = read ? `${tally.readShare.join()} ${tally.counts.join()}` : ''
    if (this.#scored?.key === key) return this.#scored.all
    const counted = Float64Array.from(isCounted)
    const all = this.#rates.map((rates): Scored | null => {
      const input: ScoresInput = { rates, tried: this.#tried, readShare: tally.readShare, frequency }
      const scores = unbiasedScores(input, [this.#group, counted])
      return scores && { group: scores[0], counted: scores[1], possible: possible(input) }
    })
    this.#scored = { key, all }
    this.#bets.clear()
    return all
  }

  /** By the number of the rates; null: those do not tell the classes apart. */
  #betsFor(tally: CellTally, percent: number, side: Side): (draw: number) => Bets | null {
    const scored = this.#score(tally)
    const key = `${side} ${percent}`
    const kept = this.#bets.get(key)
    // Those of a few thresholds are kept: an interval tries many and comes back to none.
    if (!kept && this.#bets.size >= 8) this.#bets.clear()
    const bets = kept ?? []
    if (!kept) this.#bets.set(key, bets)
    const sign = side === 'above' ? 1 : -1
    return (draw) => {
      const scores = scored[draw]
      if (!scores) return null
      bets[draw] ??= new Bets(
        scores.group.map((score, o) => sign * (score - (percent / 100) * scores.counted[o])),
        scores.possible,
      )
      return bets[draw]
    }
  }
}

function frequencyOf(counts: Float64Array): Float64Array {
  const total = counts.reduce((sum, count) => sum + count, 0)
  return counts.map((count) => (count + 0.5) / (total + 0.5 * OBSERVATIONS))
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i]
  return sum
}

/** Between `from`, where it does not hold, and `to`: where it begins to; `to` where it never does. */
function bisect(from: number, to: number, holds: (at: number) => boolean): number {
  let [inside, outside] = [from, to]
  for (let step = 0; step < 14; step++) {
    const middle = (inside + outside) / 2
    if (holds(middle)) outside = middle
    else inside = middle
  }
  return outside
}
