import { describe, expect, it } from 'vitest'
import type { ModelInfo } from '../contract/models.ts'
import { atMost } from '../stopping/assurance.ts'
import { type SearchedCell, type SearchInput, searchReport } from './report.ts'
import { reportWords } from './report-words.ts'

const model = {
  name: 'marrow',
  version: '9',
  evidence: {},
  confusion: null,
  confusionRendered: null,
  candidates: {
    real: {},
    rendered: { FGC: { of: 100, othersOf: 900, table: [{ atLeast: 0.05, hits: 98, others: 30 }] } },
  },
} as unknown as ModelInfo
const cell = (cellId: number, probability: number, changes: Partial<SearchedCell> = {}): SearchedCell => ({
  cellId,
  probability,
  named: 'PMO',
  class: 'PMO',
  reader: null,
  leftOut: false,
  ...changes,
})
const report = (cells: readonly SearchedCell[], changes: Partial<SearchInput> = {}) =>
  searchReport({
    runId: 1,
    class: 'FGC',
    recall: 0.95,
    model,
    images: 'rendered',
    cells,
    counted: 5000,
    reviews: [],
    signed: new Set(),
    ...changes,
  })

describe('searchReport', () => {
  const cells = [
    cell(1, 0.04),
    cell(2, 0.05),
    cell(3, 0.6, { named: 'FGC', class: 'FGC' }),
    cell(4, 0.03, { named: 'FGC', class: 'FGC' }),
    cell(5, 0.2),
  ]

  it('ranks every cell that may be of the class, those named so with less probability too', () => {
    const { candidates, toLookAt, state, found } = report(cells)
    expect(candidates.map(({ cellId }) => cellId)).toEqual([3, 5, 2, 4])
    expect({ toLookAt, state, found }).toEqual({ toLookAt: 4, state: 'pending', found: 0 })
  })

  it('assures by the lower limit of the recall', () => {
    const { atMost: most, recallLow } = report([cell(1, 0.01)])
    expect(most).toBeCloseTo(100 * atMost(5000, { hits: 98, of: 100 }), 9)
    expect(recallLow).toBeLessThan(0.93)
    expect(report([cell(1, 0.01)], { counted: 0 }).atMost).toBeNull()
  })

  it('is reviewed once all were looked at: by a label, or by a signature that covers them', () => {
    const read = [cell(2, 0.05, { reader: 'A', class: 'PMO' }), cell(5, 0.2)]
    expect(report(read)).toMatchObject({ state: 'pending', toLookAt: 1 })
    expect(report(read, { signed: new Set([5]) })).toMatchObject({ state: 'reviewed', toLookAt: 0 })
    // One that came after the signature is to be looked at.
    expect(report([...read, cell(9, 0.3)], { signed: new Set([5]) })).toMatchObject({ state: 'pending', toLookAt: 1 })
    expect(report([cell(1, 0.01)]).state).toBe('none')
  })

  it('counts what a person called so, wherever the machine put it, and assures nothing then', () => {
    const found = report([...cells, cell(7, 0.001, { reader: 'A', class: 'FGC' })])
    expect(found).toMatchObject({ state: 'found', found: 1, toLookAt: 4 })
    expect(found.candidates.at(-1)).toMatchObject({ cellId: 7, lookedAt: true })
    // What the machine calls so is not found before somebody has looked, and left it called so.
    expect(report(cells).found).toBe(0)
    expect(report(cells, { signed: new Set([3]) })).toMatchObject({ state: 'found', found: 1, toLookAt: 3 })
  })

  it('says how many more lie in fields that do not count, and counts none of them', () => {
    const out = [cell(6, 0.9, { leftOut: true }), cell(7, 0.01, { leftOut: true })]
    expect(report([...cells, ...out])).toEqual({ ...report(cells), leftOut: 1 })
    expect(reportWords(report([...cells, ...out]))).toBe(
      `${reportWords(report(cells))} 1 more lies in a field that is left out.`,
    )
    const signed = report(out, { signed: new Set([6]) })
    expect(signed).toMatchObject({ state: 'none', found: 0, leftOut: 1 })
    expect(reportWords(report([...out, cell(8, 0.1, { leftOut: true })]))).toMatch(
      /\. 2 more lie in fields that are left out\.$/,
    )
  })

  it('assures nothing by a model that was never tried on such images', () => {
    expect(report(cells, { images: 'real' })).toMatchObject({ atMost: null, recall: null, state: 'pending' })
    expect(report(cells, { images: 'real' }).candidates.map(({ cellId }) => cellId)).toEqual([3, 4])
    expect(report([], { model: null }).problem).toContain('No model')
  })
})

describe('reportWords', () => {
  it('says what none means, what is to be done, and who did it', () => {
    const none = [cell(1, 0.01)]
    expect(reportWords(report(none))).toBe(
      'No candidate for a faggot cell among 5,000 counted cells: at most 0.0681 % at 95 %, given that the model finds 98 of 100 (at least 91 %).',
    )
    const one = [cell(2, 0.05)]
    expect(reportWords(report(one))).toMatch(
      /^1 of 1 candidate to be looked at among 5,000 counted cells\. If none is a faggot/,
    )
    expect(reportWords(report(one, { signed: new Set([2]) }))).toMatch(/^Reviewed: none of 1 candidate among/)
    const found = [cell(2, 0.05), cell(3, 0.5, { reader: 'A', class: 'FGC' })]
    expect(reportWords(report(found))).toBe(
      '1 faggot cell found among 5,000 counted cells; the model finds 98 of 100, there may be more. 1 candidate to be looked at.',
    )
  })

  it('says why nothing can be assured, and that a few cells say nothing', () => {
    expect(reportWords(report([], { images: 'real' }))).toContain(
      'nothing can be assured. marrow 9 was never tried on a real',
    )
    expect(reportWords(report([], { counted: 1 }))).toContain('nothing can be said yet')
  })
})
