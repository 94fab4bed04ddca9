/**
 * Testing by betting: is the mean of scores, drawn one after another, at most 0? Whoever bets a share of a capital on each score, at odds that are
 * fair where the mean is 0, hardly ever multiplies it where the mean is 0 or less: it exceeds 1/a times the beginning, at any time whatever, with
 * probability at most a (Ville 1939). So 1 / capital is a p-value that may be looked at after each cell, and a run may be stopped by it.
 *
 * Sources: Waudby-Smith and Ramdas 2024, Journal of the Royal Statistical Society B 86:1 (means of bounded variables by betting); Howard, Ramdas,
 * McAuliffe and Sekhon 2021, Annals of Statistics 49:1055 (confidence sequences, mixtures).
 *
 * The capital is divided evenly among stakes that differ by the square root of 2, from nearly all that can be lost down to a three-hundredth: one of
 * them is near the best for any mean. It depends on how often each score came, not on their order: cells can be counted again when one is relabelled.
 */
const STAKES = Array.from({ length: 18 }, (_, i) => 0.98 * 2 ** (-i / 2))

/** A test of one set of scores. */
export class Bets {
  readonly #scores: Float64Array
  /** What a score of 1 pays or costs at most, so that no score can lose more than there is. */
  readonly #most: number
  /** log(1 + stake * score) by stake; null: not needed so far. */
  readonly #logs: (Float64Array | null)[]

  /**
   * @param scores by observation.
   * @param possible whether an observation can be made at all; the others are never counted.
   */
  constructor(scores: Float64Array, possible: readonly boolean[]) {
    this.#scores = scores
    this.#logs = new Array(scores.length).fill(null)
    let worst = 0
    for (let o = 0; o < scores.length; o++) if (possible[o]) worst = Math.max(worst, -scores[o])
    // No score can lose, so there is nothing to bet against: the capital stays as it is.
    this.#most = worst > 0 ? 1 / worst : 0
  }

  /** 1 / capital, at most 1. @param counts by observation. */
  pValue(counts: Float64Array): number {
    const sums = new Float64Array(STAKES.length)
    for (let o = 0; o < counts.length; o++) {
      const count = counts[o]
      if (count === 0) continue
      const logs = this.#logsOf(o)
      for (let i = 0; i < sums.length; i++) sums[i] += count * logs[i]
    }
    let best = sums[0]
    for (const sum of sums) if (sum > best) best = sum
    let capital = 0
    for (const sum of sums) capital += Math.exp(sum - best)
    return Math.min(1, (Math.exp(-best) * STAKES.length) / capital)
  }

  #logsOf(observation: number): Float64Array {
    const known = this.#logs[observation]
    if (known) return known
    const step = this.#most * this.#scores[observation]
    const logs = new Float64Array(STAKES.length)
    for (let i = 0; i < logs.length; i++) logs[i] = Math.log1p(STAKES[i] * step)
    this.#logs[observation] = logs
    return logs
  }
}
