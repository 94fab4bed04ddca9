import { describe, expect, it } from 'vitest'
import { candidateFigures } from './candidate-figures.ts'
import { candidateRule } from './recall.ts'

const image = (truth: 'FGC' | 'PMO', faggot: number) => ({ truth, probabilities: Float32Array.of(faggot, 1 - faggot) })
const figures = candidateFigures(
  [image('FGC', 0.9), image('FGC', 0.25), image('FGC', 0.012), image('FGC', 0.6), image('PMO', 0.3), image('PMO', 0)],
  ['FGC', 'PMO'],
)

describe('candidateFigures', () => {
  it('counts images of the class and others by falling probability, down to where all are found', () => {
    expect(figures.FGC).toEqual({
      of: 4,
      othersOf: 2,
      table: [
        { atLeast: 0.5, hits: 2, others: 0 },
        { atLeast: 0.3, hits: 2, others: 1 },
        { atLeast: 0.2, hits: 3, others: 1 },
        { atLeast: 0.1, hits: 3, others: 1 },
        { atLeast: 0.05, hits: 3, others: 1 },
        { atLeast: 0.02, hits: 3, others: 1 },
        { atLeast: 0.01, hits: 4, others: 1 },
      ],
    })
    expect(figures.BLA).toBeUndefined()
  })
})

describe('candidateRule', () => {
  const model = {
    candidates: { real: {}, rendered: figures },
    confusion: { BLA: { BLA: 8, LYT: 2 } },
    confusionRendered: { BLA: { BLA: 3 } },
    evidence: { BLA: { images: 'real', n: 10, precision: null, recall: 0.8 } },
  } as const

  it('asks for the highest probability that finds enough', () => {
    const rule = (recall: number) => candidateRule(model, 'rendered', 'FGC', recall)
    expect(rule(0.5)).toEqual({ atLeast: 0.5, recall: { hits: 2, of: 4 }, others: { hits: 0, of: 2 } })
    expect(rule(0.75)).toMatchObject({ atLeast: 0.2, recall: { hits: 3, of: 4 } })
    expect(rule(1)).toMatchObject({ atLeast: 0.01, recall: { hits: 4, of: 4 } })
  })

  it('goes by the name where no such figures are stated, and says nothing of what was never tried', () => {
    expect(candidateRule(model, 'real', 'BLA')).toEqual({ atLeast: null, recall: { hits: 8, of: 10 }, others: null })
    expect(candidateRule(model, 'rendered', 'BLA')).toMatchObject({ recall: { hits: 3, of: 3 } })
    expect(candidateRule(model, 'real', 'FGC')).toBeNull()
    expect(candidateRule({ ...model, evidence: {} }, 'real', 'BLA')).toBeNull()
  })
})
