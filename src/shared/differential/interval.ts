import betaQuantile from '@stdlib/stats-base-dists-beta-quantile'

export interface Interval {
  readonly low: number
  readonly high: number
}

/**
 * Exact (Clopper-Pearson) interval of a proportion: `successes` of `n`, as shares 0-1. n = 0 gives [0, 1]: nothing is known.
 * Source: Clopper and Pearson 1934, Biometrika 26:404, in its beta-quantile form.
 */
export function exactInterval(successes: number, n: number, confidence = 0.95): Interval {
  if (n === 0) return { low: 0, high: 1 }
  const tail = (1 - confidence) / 2
  return {
    low: successes === 0 ? 0 : betaQuantile(tail, successes, n - successes + 1),
    high: successes === n ? 1 : betaQuantile(1 - tail, successes + 1, n - successes),
  }
}

/**
 * Exact interval of the ratio a : b of two counts out of one sample: the interval of the share a / (a + b), turned into odds.
 * `high` null: unbounded (b may be none). Both null where a + b is 0.
 */
export function exactRatioInterval(
  a: number,
  b: number,
): { readonly low: number | null; readonly high: number | null } {
  if (a + b === 0) return { low: null, high: null }
  const share = exactInterval(a, a + b)
  return { low: share.low / (1 - share.low), high: share.high === 1 ? null : share.high / (1 - share.high) }
}
