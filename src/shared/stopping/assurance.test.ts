import { describe, expect, it } from 'vitest'
import { seededDraw } from '../differential/draw.ts'
import { atMost, cellsToAssure, lowerRecall } from './assurance.ts'

describe('cellsToAssure', () => {
  // Cells to examine to see at least one with 95 %: published figures.
  it.each([
    [0.05, 59],
    [0.01, 299],
    [0.005, 598],
    [0.001, 2995],
    [0.0001, 29_956],
  ])('is by a perfect reader of %f %i', (share, cells) => {
    expect(cellsToAssure(share, 1)).toBe(cells)
  })

  it('is 4,608 for 0.1 % by a model of recall .65', () => {
    expect(cellsToAssure(0.001, 0.65)).toBe(4608)
  })

  it('takes the lower limit of a recall that was measured, and needs more for it', () => {
    const measured = { hits: 65, of: 100 }
    expect(lowerRecall(measured)).toBeCloseTo(0.517, 3)
    expect(cellsToAssure(0.001, measured)).toBeGreaterThan(4608 * 1.25)
    expect(cellsToAssure(0.001, { hits: 65_000, of: 100_000 })).toBeLessThan(4608 * 1.06)
  })

  it('knows no number for a model that never finds the class, or for none at all', () => {
    expect(cellsToAssure(0.001, { hits: 0, of: 50 })).toBe(Number.POSITIVE_INFINITY)
    expect(cellsToAssure(0, 0.9)).toBe(Number.POSITIVE_INFINITY)
    expect(cellsToAssure(1, 1)).toBe(1)
  })
})

describe('atMost', () => {
  it('is what the number of cells was for, and a little more before', () => {
    expect(atMost(4608, 0.65)).toBeLessThanOrEqual(0.001)
    expect(atMost(4607, 0.65)).toBeGreaterThan(0.001)
    for (const recall of [0.8, { hits: 40, of: 50 }]) {
      const cells = cellsToAssure(0.002, recall)
      expect(atMost(cells, recall)).toBeLessThanOrEqual(0.002)
      expect(atMost(cells - 1, recall)).toBeGreaterThan(0.002)
    }
  })

  it('is everything before the first cell, or by a model that never finds the class', () => {
    expect(atMost(0, 1)).toBe(1)
    expect(atMost(3, 0.1)).toBe(1)
    expect(atMost(10_000, { hits: 0, of: 10 })).toBe(1)
  })

  it('is wrong at any of its times together in at most one run of twenty', () => {
    const random = seededDraw(4)
    const [runs, recall, images] = [2000, 0.8, 60]
    let wrong = 0
    for (let run = 0; run < runs; run++) {
      const share = 0.002 + 0.02 * random.uniform()
      let hits = 0
      for (let i = 0; i < images; i++) if (random.uniform() < recall) hits++
      // The cell at which the first is found: the statement stands until then, and is strongest just before.
      const first = Math.ceil(Math.log1p(-random.uniform()) / Math.log1p(-share * recall))
      if (atMost(first - 1, { hits, of: images }) < share) wrong++
    }
    expect(wrong / runs).toBeLessThanOrEqual(0.05)
    expect(wrong).toBeGreaterThan(0)
  })
})
