import { describe, expect, it } from 'vitest'
import { centredLogRows, unitRows } from './vectors.ts'

describe('vectors of a map', () => {
  it('of features have length 1, and say nothing where they are zero', () => {
    expect([...unitRows(Float32Array.from([3, 4, 0, 0]), 2)]).toEqual([Math.fround(0.6), Math.fround(0.8), 0, 0])
  })

  it('stay numbers where half precision was too small for them', () => {
    const rows = unitRows(Float32Array.from([Number.POSITIVE_INFINITY, 0, Number.NaN, 1]), 2)
    expect([...rows]).toEqual([1, 0, 0, 1])
  })

  it('of probabilities are equally far apart for equal ratios, and their rows sum to 0', () => {
    const rows = centredLogRows(Float32Array.from([0.8, 0.1, 0.1, 0.4, 0.5, 0.1]), 3)
    expect(rows[0] + rows[1] + rows[2]).toBeCloseTo(0, 5)
    expect(rows[0] - rows[1]).toBeCloseTo(Math.log(8), 5)
    expect(rows[4] - rows[3]).toBeCloseTo(Math.log(1.25), 5)
    expect([...centredLogRows(Float32Array.from([1, 0]), 2)].every(Number.isFinite)).toBe(true)
  })
})
