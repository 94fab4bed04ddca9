import { describe, expect, it } from 'vitest'
import { seededDraw } from '../differential/draw.ts'
import { Bets } from './bets.ts'

const BOTH = [true, true]

describe('Bets', () => {
  it('holds no evidence before the first score, and none in scores of a mean of 0', () => {
    const bets = new Bets(Float64Array.of(1, -1), BOTH)
    expect(bets.pValue(Float64Array.of(0, 0))).toBe(1)
    expect(bets.pValue(Float64Array.of(50, 50))).toBe(1)
    expect(bets.pValue(Float64Array.of(40, 60))).toBe(1)
  })

  it('finds that scores are above 0 on average, the surer the more there are', () => {
    const bets = new Bets(Float64Array.of(0.95, -0.05), BOTH)
    const p = (hits: number, n: number) => bets.pValue(Float64Array.of(hits, n - hits))
    expect(p(10, 100)).toBeGreaterThan(p(30, 300))
    expect(p(30, 300)).toBeGreaterThan(p(60, 600))
    expect(p(60, 600)).toBeLessThan(0.01)
  })

  it('never says a smaller p-value than the whole capital on the best single stake would', () => {
    // One heads after another against a fair coin: the capital is at most 2^n.
    const bets = new Bets(Float64Array.of(1, -1), BOTH)
    for (const n of [1, 5, 10]) expect(bets.pValue(Float64Array.of(n, 0))).toBeGreaterThanOrEqual(0.5 ** n)
  })

  it('reaches 1/20 at any time in at most one of twenty sequences of a mean of 0', () => {
    const random = seededDraw(7)
    const bets = new Bets(Float64Array.of(0.9, -0.1), BOTH)
    const runs = 400
    let reached = 0
    for (let run = 0; run < runs; run++) {
      const counts = new Float64Array(2)
      let least = 1
      for (let n = 0; n < 500; n++) {
        counts[random.uniform() < 0.1 ? 0 : 1]++
        least = Math.min(least, bets.pValue(counts))
      }
      if (least <= 0.05) reached++
    }
    expect(reached / runs).toBeLessThanOrEqual(0.05)
    expect(reached).toBeGreaterThan(0)
  })

  it('leaves out what cannot be observed, and has nothing to bet on scores that cannot lose', () => {
    const bets = new Bets(Float64Array.of(0.5, -0.1, -100), [true, true, false])
    expect(bets.pValue(Float64Array.of(100, 10, 0))).toBeLessThan(0.001)
    expect(new Bets(Float64Array.of(1, 0), BOTH).pValue(Float64Array.of(100, 0))).toBe(1)
  })
})
