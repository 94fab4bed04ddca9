import { describe, expect, it } from 'vitest'
import type { ModelInfo } from '../contract/models.ts'
import { trustOf } from './trust.ts'

const model: Pick<ModelInfo, 'evidence' | 'confusion' | 'classes'> = {
  classes: ['EOS', 'LYT', 'NGS', 'BLA'],
  evidence: {
    EOS: { images: 'real', n: 20, precision: 0.9474, recall: 0.9 },
    LYT: { images: 'real', n: 30, precision: 0.9355, recall: 0.9667 },
    NGS: { images: 'rendered', n: 10, precision: 1, recall: 1 },
    BLA: { images: 'real', n: 12, precision: 0, recall: 0 },
  },
  confusion: { EOS: { EOS: 18, LYT: 2 }, LYT: { EOS: 1, LYT: 29 }, NGS: { NGS: 10 } },
}

describe('what a model is worth on a class', () => {
  it('is its recall and precision with exact intervals, as counts of images', () => {
    const { recall, precision, n, images } = trustOf(model, 'EOS')
    expect([images, n]).toEqual(['real', 20])
    expect([recall?.hits, recall?.of, precision?.hits, precision?.of]).toEqual([18, 20, 18, 19])
    // Clopper-Pearson of 18 in 20: R, binom.test(18, 20).
    expect(recall?.low).toBeCloseTo(0.6830173, 6)
    expect(recall?.high).toBeCloseTo(0.9876515, 6)
  })

  it('names the commonest mistakes, both ways', () => {
    expect(trustOf(model, 'EOS').takenFor).toEqual([{ class: 'LYT', count: 2 }])
    expect(trustOf(model, 'EOS').takenForIt).toEqual([{ class: 'LYT', count: 1 }])
    expect(trustOf({ ...model, confusion: null }, 'EOS').takenFor).toEqual([])
  })

  it('stands beside the reference network', () => {
    expect(trustOf(model, 'LYT').reference).toMatchObject({ recall: 0.7, precision: 0.9, images: 26242 })
  })

  it('says nothing it does not know', () => {
    expect(trustOf(model, 'PLM')).toMatchObject({ images: 'none', n: 0, recall: null, precision: null, named: false })
    // Not one of twelve was found: of how many cells called so none is right is not said.
    expect(trustOf(model, 'BLA')).toMatchObject({ recall: { hits: 0, of: 12, low: 0 }, precision: null })
  })
})
