import { describe, expect, it } from 'vitest'
import type { ClassCode } from '../taxonomy.ts'
import { countedCells, differentialOf } from './differential.ts'

const of = (counts: Partial<Record<ClassCode | '', number>>) =>
  differentialOf({
    runId: 1,
    view: 'machine',
    targetCells: 500,
    counts: new Map(Object.entries(counts) as [ClassCode | '', number][]),
    relabelled: 0,
    evidence: () => 'real',
    doubt: { unsure: null, atOtherRates: [], unfamiliar: null },
    leftOut: { fields: 0, cells: 0 },
  })

describe('differentialOf', () => {
  it('leaves artefacts, smudge cells and the not identifiable out of the denominator, with the reason', () => {
    const result = of({ NGS: 60, EBO: 20, LYT: 20, ART: 7, KSC: 3, NIF: 5, '': 2 })
    expect(result.counted).toBe(100)
    expect(result.rows.find((row) => row.class === 'NGS')).toMatchObject({ count: 60, percent: 60 })
    expect(result.rows.some((row) => row.class === 'ART')).toBe(false)
    expect(result.excluded).toEqual([
      { class: 'ART', count: 7, reason: 'artefact' },
      { class: 'KSC', count: 3, reason: 'smudge cell or naked nucleus' },
      { class: 'NIF', count: 5, reason: 'not identifiable' },
    ])
    expect(result.unclassified).toBe(2)
  })

  it('counts lymphocytes and plasma cells in neither side of M:E, both erythroid stages in one', () => {
    const result = of({ NGS: 50, BLA: 10, PEB: 5, EBO: 15, LYT: 30, PLM: 4 })
    expect(result.meRatio).toMatchObject({ value: 3, myeloid: 60, erythroid: 20, reference: { low: 2, high: 4 } })
    expect(result.erythroid.count).toBe(20)
  })

  it('says nothing, not zero, before the first cell', () => {
    const result = of({})
    expect(result.counted).toBe(0)
    expect(result.rows.every((row) => row.percent === null && row.low === null && row.high === null)).toBe(true)
    expect(result.meRatio.value).toBeNull()
  })

  it('sums to one hundred per cent', () => {
    const result = of({ BLA: 3, PMO: 21, MYB: 33, NGS: 120, EOS: 11, EBO: 97, LYT: 44, OTH: 1 })
    expect(result.rows.reduce((total, row) => total + (row.percent ?? 0), 0)).toBeCloseTo(100, 9)
    expect(
      countedCells(
        new Map([
          ['BLA', 3],
          ['ART', 9],
        ] as [ClassCode, number][]),
      ),
    ).toBe(3)
  })
})
