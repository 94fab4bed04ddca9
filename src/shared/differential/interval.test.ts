import { describe, expect, it } from 'vitest'
import { exactInterval, exactRatioInterval } from './interval.ts'

/** Published two-sided 95 % limits, rounded to a tenth of a per cent (counts of 500 and 200 cells). */
const PUBLISHED: [number, number, number, number][] = [
  [0, 500, 0, 0.7],
  [5, 500, 0.3, 2.3],
  [25, 500, 3.3, 7.3],
  [50, 500, 7.5, 13.0],
  [100, 500, 16.6, 23.8],
  [300, 500, 55.6, 64.3],
  [10, 200, 2.4, 9.0],
]

describe('exactInterval', () => {
  it.each(PUBLISHED)('%i of %i cells is %f-%f %%', (successes, n, low, high) => {
    const interval = exactInterval(successes, n)
    expect(Math.round(interval.low * 1000) / 10).toBe(low)
    expect(Math.round(interval.high * 1000) / 10).toBe(high)
  })

  it('mirrors: the interval of the rest is one minus the interval', () => {
    const few = exactInterval(7, 60)
    const rest = exactInterval(53, 60)
    expect(few.low).toBeCloseTo(1 - rest.high, 10)
    expect(few.high).toBeCloseTo(1 - rest.low, 10)
  })

  it('knows nothing from no cell and keeps the ends', () => {
    expect(exactInterval(0, 0)).toEqual({ low: 0, high: 1 })
    expect(exactInterval(0, 20).low).toBe(0)
    expect(exactInterval(20, 20).high).toBe(1)
  })

  it('covers the true share at least as often as it says', () => {
    const n = 40
    const share = 0.07
    let covered = 0
    let term = (1 - share) ** n
    for (let k = 0; k <= n; k++) {
      const interval = exactInterval(k, n)
      if (interval.low <= share && share <= interval.high) covered += term
      term *= ((n - k) / (k + 1)) * (share / (1 - share))
    }
    expect(covered).toBeGreaterThanOrEqual(0.95)
  })
})

describe('exactRatioInterval', () => {
  it('holds the ratio and turns over with it', () => {
    const ratio = exactRatioInterval(300, 100)
    expect(ratio.low!).toBeLessThan(3)
    expect(ratio.high!).toBeGreaterThan(3)
    const turned = exactRatioInterval(100, 300)
    expect(ratio.low! * turned.high!).toBeCloseTo(1, 8)
  })

  it('is unbounded where one side may be none, unknown where both are', () => {
    expect(exactRatioInterval(12, 0).high).toBeNull()
    expect(exactRatioInterval(0, 0)).toEqual({ low: null, high: null })
  })
})
