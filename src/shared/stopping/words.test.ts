import { describe, expect, it } from 'vitest'
import type { RuleStanding } from '../contract/stopping.ts'
import { standingWords, stopWhenWords } from './words.ts'

const standing = (changes: Partial<RuleStanding> & Pick<RuleStanding, 'rule'>): string =>
  standingWords({
    met: false,
    problem: null,
    cellsNeeded: null,
    cellsNeededLow: null,
    cellsNeededHigh: null,
    secondsNeeded: null,
    share: null,
    found: null,
    ...changes,
  })
const blasts = { kind: 'separation', classes: ['BLA'], percent: 5 } as const
const share = { side: null, percent: 3.81, low: 1.92, high: 6.64 } as const

describe('stopWhenWords', () => {
  it('says what ends a run', () => {
    expect(stopWhenWords([])).toBe('the whole area')
    const time = { kind: 'time', minutes: 30 } as const
    expect(
      stopWhenWords([
        [
          { ...blasts, classes: ['BLA'] },
          { kind: 'cells', cells: 2000 },
        ],
        [time],
      ]),
    ).toBe('blasts clear of 5 % and 2,000 cells, or 30 min')
  })
})

describe('standingWords', () => {
  const rule = { ...blasts, classes: ['BLA' as const] }

  it('says how many more cells a threshold takes, or that more may not tell', () => {
    expect(standing({ rule, share, cellsNeeded: 240, cellsNeededLow: 100, cellsNeededHigh: 900 })).toBe(
      'blasts 3.8 % (1.9-6.6), about 240 more cells (100-900) to separate from 5 %',
    )
    expect(standing({ rule, share, cellsNeeded: 240, cellsNeededLow: 100 })).toContain('(or many more)')
    expect(standing({ rule, share })).toContain('more cells alone may not tell')
    expect(standing({ rule, met: true, share: { ...share, side: 'below' } })).toBe('blasts 3.8 % (1.9-6.6), below 5 %')
    expect(standing({ rule })).toContain('no cell counted yet')
  })

  it('says what none found would mean, and not once some are', () => {
    const faggots = { kind: 'assurance', class: 'FGC', percent: 0.1 } as const
    const found = { cells: 0, atMost: 0.42 }
    expect(standing({ rule: faggots, cellsNeeded: 4108, found })).toBe(
      '4,108 more cells to say, if none is found, that faggot cells are at most 0.1 % (0.42 % now)',
    )
    expect(standing({ rule: faggots, met: true, found })).toContain('cells enough')
    expect(standing({ rule: faggots, cellsNeeded: 0, found: { cells: 2, atMost: 0.1 } })).toContain(
      '2 faggot cells found',
    )
  })

  it('says what is left of cells and time, and what stands in the way', () => {
    expect(standing({ rule: { kind: 'cells', cells: 500 }, cellsNeeded: 12 })).toBe('12 more cells to count')
    expect(standing({ rule: { kind: 'time', minutes: 30 }, secondsNeeded: 600 })).toBe('10 min more of 30 min')
    expect(standing({ rule, problem: 'No model names the cells.' })).toBe('No model names the cells.')
  })
})
