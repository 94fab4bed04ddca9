import { exactInterval, type Interval } from '../differential/interval.ts'

/** A share 0-1 of `n` with its exact 95 % interval; value null: n is 0. */
export interface Share extends Interval {
  readonly value: number | null
  readonly n: number
}

/** A mean of shares 0-1 with its 95 % interval; value null: there is none. */
export interface MeanShare extends Interval {
  readonly value: number | null
  /** Shares it is the mean of. */
  readonly classes: number
}

export function share(successes: number, n: number): Share {
  return { value: n === 0 ? null : successes / n, ...exactInterval(successes, n), n }
}

export const MEAN_SHARE_METHOD =
  "limits of the mean: each class's exact limits, their distances from its share combined as standard errors are (MOVER; Zou, Huang and Zhang 2009, Comput. Stat. Data Anal. 53:1080); for one class, the exact limits themselves"

/** The mean of shares, each with the same weight; those of nothing are left out. See `MEAN_SHARE_METHOD`. */
export function meanOfShares(shares: readonly { readonly successes: number; readonly n: number }[]): MeanShare {
  const known = shares.filter(({ n }) => n > 0).map(({ successes, n }) => share(successes, n))
  if (known.length === 0) return { value: null, low: 0, high: 1, classes: 0 }
  const sum = (of: (each: Share) => number) => known.reduce((total, each) => total + of(each), 0)
  const classes = known.length
  const value = sum((each) => each.value!) / classes
  return {
    value,
    low: value - Math.sqrt(sum((each) => (each.value! - each.low) ** 2)) / classes,
    high: value + Math.sqrt(sum((each) => (each.high - each.value!) ** 2)) / classes,
    classes,
  }
}
