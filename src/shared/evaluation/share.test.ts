import { describe, expect, it } from 'vitest'
import { seededDraw } from '../differential/draw.ts'
import { meanOfShares } from './share.ts'

describe('meanOfShares', () => {
  it('holds the true mean at least as often as it says', () => {
    const random = seededDraw(4)
    const classes = [
      { p: 0.98, n: 30 },
      { p: 0.7, n: 100 },
      { p: 0.85, n: 12 },
      { p: 1, n: 40 },
    ]
    const truth = classes.reduce((sum, { p }) => sum + p, 0) / classes.length
    let inside = 0
    const rounds = 2000
    for (let round = 0; round < rounds; round++) {
      const seen = classes.map(({ p, n }) => ({
        n,
        successes: Array.from({ length: n }, () => random.uniform() < p).filter(Boolean).length,
      }))
      const { low, high } = meanOfShares(seen)
      if (low <= truth && truth <= high) inside++
    }
    expect(inside / rounds).toBeGreaterThan(0.94)
  })

  it('leaves out classes without a cell, and knows nothing from none', () => {
    const some = [
      { successes: 9, n: 10 },
      { successes: 4, n: 8 },
    ]
    expect(meanOfShares([...some, { successes: 0, n: 0 }])).toEqual(meanOfShares(some))
    expect(meanOfShares(some)).toMatchObject({ value: 0.7, classes: 2 })
    expect(meanOfShares([])).toEqual({ value: null, low: 0, high: 1, classes: 0 })
  })

  it('stays within 0 and 1 where every class is right, or none', () => {
    expect(
      meanOfShares([
        { successes: 5, n: 5 },
        { successes: 7, n: 7 },
      ]),
    ).toMatchObject({ value: 1, high: 1 })
    expect(
      meanOfShares([
        { successes: 0, n: 5 },
        { successes: 0, n: 7 },
      ]),
    ).toMatchObject({ value: 0, low: 0 })
  })
})
