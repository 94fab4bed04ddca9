import { describe, expect, it } from 'vitest'
import type { JudgedCell } from './classification.ts'
import { doubtFigures } from './doubt.ts'

const cell = (right: boolean, probability: number, unfamiliarity: number | null = 0): JudgedCell => ({
  truth: 'NGS',
  predicted: right ? 'NGS' : 'NGB',
  probability,
  unfamiliarity,
})

const CELLS = [cell(true, 0.95), cell(true, 0.9), cell(false, 0.85, 3), cell(false, 0.5), cell(true, 0.4, 2)]
const unsure = {
  errorRate: 0.05,
  below: 0.8,
  n: 100,
  share: 0.3,
  table: [
    { errorRate: 0.02, below: 0.88, share: 0.5 },
    { errorRate: 0.05, below: 0.8, share: 0.3 },
  ],
}

describe('doubtFigures', () => {
  it('tells the error among the sure ones, at each error rate the model states', () => {
    const [own, strict, ...more] = doubtFigures(CELLS, { unsure, unfamiliar: null }).unsure
    expect(more).toEqual([])
    expect(own).toMatchObject({ errorRate: 0.05, unsure: { value: 0.4, n: 5 } })
    expect(own.wrongAmongSure).toMatchObject({ value: 1 / 3, n: 3 })
    expect(own.wrongAmongUnsure).toMatchObject({ value: 0.5, n: 2 })
    expect(strict).toMatchObject({ errorRate: 0.02, wrongAmongSure: { value: 0, n: 2 } })
    expect(strict.wrongAmongSure.high).toBeGreaterThan(0.5)
  })

  it('tells how many are unfamiliar, and whether those are more often wrong', () => {
    const { unfamiliar } = doubtFigures(CELLS, { unsure: null, unfamiliar: { above: 1, share: 0.01, n: 100 } })
    expect(unfamiliar).toMatchObject({
      statedShare: 0.01,
      unfamiliar: { value: 0.4 },
      wrongAmongUnfamiliar: { value: 0.5 },
    })
    expect(unfamiliar!.wrongAmongFamiliar.value).toBeCloseTo(1 / 3)
  })

  it('says nothing where the model states nothing, or cannot tell', () => {
    expect(doubtFigures(CELLS, { unsure: null, unfamiliar: null })).toEqual({ unsure: [], unfamiliar: null })
    const blind = [cell(true, 0.9, null)]
    expect(doubtFigures(blind, { unsure: null, unfamiliar: { above: 1, share: 0.01, n: 9 } }).unfamiliar).toBeNull()
  })
})
