import { describe, expect, it } from 'vitest'
import type { Saliency } from '../../../shared/contract/evidence.ts'
import { whyWords } from './evidence-words.ts'
import { strongestOf, veilOf, weightAt } from './saliency-field.ts'

const GRID = { rows: 4, columns: 4 }
const SIZE_PX = 40

type Spot = readonly [row: number, column: number, weight: number]

/** Weights of 0 but for some spots. */
const weights = (...spots: readonly Spot[]): number[] => {
  const all = new Array<number>(16).fill(0)
  for (const [row, column, weight] of spots) all[row * 4 + column] = weight
  return all
}

const saliency: Saliency = {
  cellId: 1,
  model: 'm 1',
  ...GRID,
  sideUm: 21.5,
  pictureUm: 25,
  spotUm: 4.1,
  background: [230, 225, 235],
  maps: [],
}

describe('the surface of weights', () => {
  it('holds each weight at the middle of its spot, and goes evenly between', () => {
    const some = weights([1, 2, 0.4], [1, 3, 0.2])
    expect(weightAt(some, GRID, 2.5 / 4, 1.5 / 4)).toBeCloseTo(0.4, 9)
    expect(weightAt(some, GRID, 3 / 4, 1.5 / 4)).toBeCloseTo(0.3, 9)
    expect(weightAt(some, GRID, 2.5 / 4, 2 / 4)).toBeCloseTo(0.2, 9)
    expect(weightAt(some, GRID, 0.99, 1.5 / 4)).toBeCloseTo(0.2, 9)
  })
})

describe('the veil', () => {
  const alphaAt = (veil: Uint8ClampedArray, x: number, y: number): number => veil[(y * SIZE_PX + x) * 4 + 3]

  it('is clear where the answer hangs and dark where it does not', () => {
    const veil = veilOf(weights([0, 3, 0.5]), GRID, SIZE_PX)
    expect(alphaAt(veil, 35, 4)).toBeLessThan(20)
    expect(alphaAt(veil, 5, 35)).toBeGreaterThan(150)
  })

  it('is blue where something speaks against', () => {
    const veil = veilOf(weights([0, 3, 0.5], [3, 0, -0.4]), GRID, SIZE_PX)
    const at = (36 * SIZE_PX + 3) * 4
    expect(veil[at + 2]).toBeGreaterThan(2 * veil[at])
  })

  it('is not there where no spot matters', () => {
    const veil = veilOf(weights([0, 3, 0.01], [2, 2, -0.015]), GRID, SIZE_PX)
    expect(veil.every((value) => value === 0)).toBe(true)
  })
})

describe('the words beside it', () => {
  const wordsFor = (...spots: readonly Spot[]) =>
    whyWords(saliency, { class: 'PMO', probability: 0.9, weights: weights(...spots) }).join(' ')

  it('say what covering costs, and what it gains', () => {
    expect(strongestOf(weights([0, 0, 0.6], [1, 1, -0.05]))).toEqual({ lost: 0.6, gained: 0.05 })
    const words = wordsFor([0, 0, 0.6], [1, 1, -0.08])
    expect(words).toContain('it goes from 90 to 30 %')
    expect(words).toContain('4 µm wide')
    expect(words).toContain('rises to 98 %')
  })

  it('say that nothing stands out where nothing does, and keep still on what is small beside the rest', () => {
    expect(wordsFor([0, 0, 0.01])).toContain('No single place')
    expect(wordsFor([0, 0, 0.6], [1, 1, -0.03])).not.toContain('rises')
  })
})
