/**
 * Fisher's exact test that two shares are the same: `a` of `ofA` against `b` of `ofB`, two-sided: the probability, given the margins, of every
 * table at most as probable as this one. 1 where either side has none.
 * Source: Fisher 1935, J R Stat Soc 98:39; two-sided by probability as Freeman and Halton 1951, Biometrika 38:141.
 */
export function fisherExact(a: number, ofA: number, b: number, ofB: number): number {
  const hits = a + b
  const lowest = Math.max(0, hits - ofB)
  const highest = Math.min(hits, ofA)
  // Relative to the middle of the distribution, so that neither thousands of cells nor the farthest table leave what a double holds.
  const middle = Math.min(highest, Math.max(lowest, Math.round((hits * ofA) / Math.max(1, ofA + ofB))))
  const ratio = (k: number) => ((hits - k) * (ofA - k)) / ((k + 1) * (ofB - hits + k + 1))
  const weights = new Map([[middle, 1]])
  for (let k = middle; k < highest; k++) weights.set(k + 1, weights.get(k)! * ratio(k))
  for (let k = middle; k > lowest; k--) weights.set(k - 1, weights.get(k)! / ratio(k - 1))
  const own = weights.get(a)!
  let all = 0
  let asExtreme = 0
  for (const weight of weights.values()) {
    all += weight
    // Tables that are as probable but for rounding count as so.
    if (weight <= own * (1 + 1e-7)) asExtreme += weight
  }
  return Math.min(1, asExtreme / all)
}

/**
 * Which of several tests say no at a level for all of them together, whatever hangs together among them.
 * Source: Holm 1979, Scand J Stat 6:65.
 */
export function holm(pValues: readonly number[], level: number): boolean[] {
  const order = pValues.map((_, i) => i).sort((i, j) => pValues[i]! - pValues[j]!)
  const says = pValues.map(() => false)
  for (const [rank, i] of order.entries()) {
    if (pValues[i]! > level / (pValues.length - rank)) break
    says[i] = true
  }
  return says
}
