import { describe, expect, it } from 'vitest'
import type { Differential } from '../../shared/contract/differential.ts'
import { differentialOf } from '../../shared/differential/differential.ts'
import type { ClassCode } from '../../shared/taxonomy.ts'
import { differentialText, rateText } from './differential-text.ts'

const of = (counts: Partial<Record<ClassCode, number>>, changes: Partial<Differential> = {}): Differential => ({
  ...differentialOf({
    runId: 1,
    view: 'corrected',
    targetCells: null,
    counts: new Map(Object.entries(counts) as [ClassCode, number][]),
    relabelled: 0,
    evidence: () => 'real',
    doubt: { unsure: null, atOtherRates: [], unfamiliar: null },
    leftOut: { fields: 0, cells: 0 },
  }),
  ...changes,
})

describe('differentialText', () => {
  it('writes as many digits as the count supports', () => {
    expect(differentialText(of({ BLA: 0, NGS: 500 }), null)).toMatch(/BLA +Blast +0 +0\.0 +0\.0-0\.7/)
    expect(differentialText(of({ BLA: 0, NGS: 19_600 }), null)).toMatch(/BLA +Blast +0 +0\.000 +0\.000-0\.019/)
  })

  it('says what was corrected, by what, and what was not', () => {
    const correction = { through: ['confusion', 'probabilities'] as const, counted: 503.25, read: 7, problem: null }
    const text = differentialText(
      of(
        { NGS: 500 },
        { correction: { ...correction, through: [...correction.through], uncorrected: ['PLM', 'HAC'] } },
      ),
      null,
    )
    expect(text).toContain("corrected for the model's known errors")
    expect(text).toContain('503.3 cells expected in the denominator; 7 read by a person')
    expect(text).toContain('PLM, HAC')
  })

  it('says why nothing was corrected', () => {
    const problem = 'marrow 1 does not state which classes it mistakes for which (no confusion matrix).'
    const correction = { problem, through: [], counted: null, read: 0, uncorrected: [] }
    expect(differentialText(of({ NGS: 5 }, { correction }), null)).toContain(`Not corrected: ${problem}`)
  })

  it('tells how many cells the model doubts, at its own error rate and at the others', () => {
    const doubt = {
      unsure: { errorRate: 0.05, below: 0.8, cells: 38 },
      atOtherRates: [{ errorRate: 0.02, below: 0.9, cells: 80 }],
      unfamiliar: 4,
    }
    const text = differentialText(of({ NGS: 5 }, { doubt }), null)
    expect(text).toContain('Unsure: 38; of the others at most 5 % are named wrongly on validation images (80 at 2 %)')
    expect(text).toContain('Unfamiliar, unlike what the model was trained on: 4')
    expect(differentialText(of({ NGS: 5 }), null)).not.toMatch(/unsure|unfamiliar/i)
  })
})

describe('rateText', () => {
  it('writes a share as a person would', () => {
    expect([rateText(0.05), rateText(0.1), rateText(0.025), rateText(0.001)]).toEqual(['5 %', '10 %', '2.5 %', '0.1 %'])
  })
})
