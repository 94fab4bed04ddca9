import { describe, expect, it } from 'vitest'
import { collectUntil } from './stop-option.ts'

describe('--until', () => {
  it('reads each form, by code or by name', () => {
    expect(collectUntil('500 cells')).toEqual([[{ kind: 'cells', cells: 500 }]])
    expect(collectUntil('1,500 cells')).toEqual([[{ kind: 'cells', cells: 1500 }]])
    expect(collectUntil('blasts clear of 5 %')).toEqual([[{ kind: 'separation', classes: ['BLA'], percent: 5 }]])
    expect(collectUntil('bla+Immature lymphocyte clear of 20%')).toEqual([
      [{ kind: 'separation', classes: ['BLA', 'LYI'], percent: 20 }],
    ])
    expect(collectUntil('FGC at most 0.1%')).toEqual([[{ kind: 'assurance', class: 'FGC', percent: 0.1 }]])
    expect(collectUntil('1.5 h')).toEqual([[{ kind: 'time', minutes: 90 }]])
  })

  it('joins by "and", and takes what is given again for another end', () => {
    const first = collectUntil('PLM clear of 10% and 200 cells')
    expect(collectUntil('30 min', first)).toEqual([
      [
        { kind: 'separation', classes: ['PLM'], percent: 10 },
        { kind: 'cells', cells: 200 },
      ],
      [{ kind: 'time', minutes: 30 }],
    ])
  })

  it.each(['', 'cells', '0 cells', 'BLA clear of 0%', 'BLA clear of 100 %', 'ART clear of 5%', 'XYZ at most 1%', '5'])(
    'refuses "%s"',
    (text) => {
      expect(() => collectUntil(text)).toThrow()
    },
  )
})
