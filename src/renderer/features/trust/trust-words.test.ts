import { describe, expect, it } from 'vitest'
import type { ClassTrust, TrustFigure } from '../../../shared/contract/evidence.ts'
import { besideReference, figureText, trustLine, trustSentences } from './trust-words.ts'

const figure = (hits: number, of: number, low: number, high: number): TrustFigure => ({
  hits,
  of,
  value: hits / of,
  low,
  high,
})

const trust = (changes: Partial<ClassTrust>): ClassTrust => ({
  class: 'BLA',
  named: true,
  images: 'real',
  n: 105,
  recall: figure(77, 105, 0.638, 0.815),
  precision: figure(77, 99, 0.683, 0.855),
  takenFor: [],
  takenForIt: [],
  reference: { images: 11973, precision: 0.75, recall: 0.65, tolerantPrecision: 0.79, tolerantRecall: 0.69 },
  ...changes,
})

describe('what a model is worth, in words', () => {
  it('has the figure, its interval and the reference network beside it', () => {
    expect(figureText(figure(77, 105, 0.638, 0.815))).toBe('73 % (64–82)')
    expect(figureText(null)).toBe('–')
    expect(trustLine(trust({}))).toContain(
      "recall 73 % (64–82), precision 78 % (68–86), reference network's recall 65 %",
    )
  })

  it('compares no further than the interval reaches', () => {
    expect(besideReference(figure(9, 10, 0.8, 0.99), 0.7)).toBe('above it')
    expect(besideReference(figure(5, 10, 0.3, 0.6), 0.7)).toBe('below it')
    expect(besideReference(figure(7, 10, 0.4, 0.9), 0.7)).toBe('not told apart from it')
    expect(besideReference(null, 0.7)).toBeNull()
  })

  it('counts images, and says where they were drawn, where there were none, and where the model has no such class', () => {
    expect(trustSentences(trust({})).join(' ')).toContain(
      'Of 105 real images of the class that it had not seen, it named 77',
    )
    expect(trustSentences(trust({ images: 'rendered' })).join(' ')).toContain('never tried on a real image')
    const none = { images: 'none', n: 0, recall: null, precision: null } as const
    expect(trustSentences(trust(none)).join(' ')).toContain('not tried on this class')
    expect(trustSentences(trust({ ...none, named: false })).join(' ')).toContain('does not name this class')
    for (const images of ['real', 'rendered', 'none'] as const) {
      expect(trustLine(trust({ images }))).not.toMatch(/diagnos|normal/i)
    }
  })
})
