import { describe, expect, it } from 'vitest'
import { seededDraw } from './draw.ts'

const many = 40_000
const moments = (draw: () => number) => {
  const values = Array.from({ length: many }, draw)
  const mean = values.reduce((sum, value) => sum + value, 0) / many
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / many }
}

describe('seededDraw', () => {
  it('gives the same numbers for the same seed, others for another', () => {
    const numbers = (seed: number) => {
      const draw = seededDraw(seed)
      return [draw.uniform(), draw.beta(2, 3), draw.uniform(), draw.place(Float64Array.of(1, 1, 1), 3)]
    }
    expect(numbers(5)).toEqual(numbers(5))
    expect(numbers(5)).not.toEqual(numbers(6))
  })

  it.each([
    [2, 5],
    [0.05, 30],
    [40, 0.5],
  ])('draws Beta(%f, %f) with its mean and variance', (a, b) => {
    const draw = seededDraw(11)
    const { mean, variance } = moments(() => draw.beta(a, b))
    const expected = (a * b) / ((a + b) ** 2 * (a + b + 1))
    // Six standard errors of a mean.
    expect(Math.abs(mean - a / (a + b))).toBeLessThan(6 * Math.sqrt(expected / many))
    expect(variance / expected).toBeGreaterThan(0.8)
    expect(variance / expected).toBeLessThan(1.2)
  })

  it('draws shares that sum to one, in the proportion of their shapes', () => {
    const draw = seededDraw(3)
    const shapes = Float64Array.of(4, 0.05, 1)
    const out = new Float64Array(3)
    const sums = [0, 0, 0]
    for (let i = 0; i < many; i++) {
      draw.dirichlet(shapes, out)
      expect(Math.abs(out[0] + out[1] + out[2] - 1)).toBeLessThan(1e-12)
      for (const place of [0, 1, 2]) sums[place] += out[place] / many
    }
    for (const place of [0, 1, 2]) expect(sums[place]).toBeCloseTo(shapes[place] / 5.05, 2)
  })

  it('stays a share where every shape is next to nothing', () => {
    const draw = seededDraw(3)
    const out = new Float64Array(2)
    for (let i = 0; i < 2000; i++) {
      const beta = draw.beta(1e-4, 1e-4)
      expect(beta >= 0 && beta <= 1).toBe(true)
      draw.dirichlet(Float64Array.of(1e-4, 1e-4), out)
      expect(out[0] + out[1]).toBeCloseTo(1, 12)
    }
  })

  it('takes places as often as their weights say, and none of no weight', () => {
    const draw = seededDraw(9)
    const taken = [0, 0, 0]
    for (let i = 0; i < many; i++) taken[draw.place(Float64Array.of(1, 0, 3), 4)]++
    expect(taken[1]).toBe(0)
    expect(taken[0] / many).toBeCloseTo(0.25, 1)
  })
})
