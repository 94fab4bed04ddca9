import { describe, expect, it } from 'vitest'
import { INITIAL_STOP, type StopForm, stopRequestOf, THRESHOLD_GROUPS, thresholdNote } from './stop-form.ts'

const request = (changes: Partial<StopForm>) => stopRequestOf({ ...INITIAL_STOP, ...changes })

describe('the form of a stop rule', () => {
  it('is five hundred cells unless a person says otherwise, and everything where the number is left empty', () => {
    expect(request({})).toEqual({ request: { targetCells: 500, stopWhen: [] } })
    expect(request({ targetCells: ' ' })).toEqual({ request: { targetCells: null, stopWhen: [] } })
  })

  it('makes an end of each rule that is ticked', () => {
    expect(
      request({
        targetCells: '',
        byThreshold: true,
        thresholdGroup: 'BLA+LYI',
        thresholdPercent: '2,5',
        byAssurance: true,
        byTime: true,
      }),
    ).toEqual({
      request: {
        targetCells: null,
        stopWhen: [
          [
            { kind: 'separation', classes: ['BLA', 'LYI'], percent: 2.5 },
            { kind: 'cells', cells: 200 },
          ],
          [{ kind: 'assurance', class: 'FGC', percent: 0.1 }],
          [{ kind: 'time', minutes: 30 }],
        ],
      },
    })
    expect(request({ byThreshold: true, thresholdLeast: '' })).toMatchObject({
      request: { stopWhen: [[{ kind: 'separation' }]] },
    })
  })

  it.each<[Partial<StopForm>, RegExp]>([
    [{ targetCells: '1.5' }, /number of cells is a whole number from 1, or empty for everything/],
    [{ byThreshold: true, thresholdPercent: '0' }, /percentage above 0 and below 100/],
    [{ byThreshold: true, thresholdPercent: '' }, /percentage above 0/],
    [{ byThreshold: true, thresholdLeast: 'many' }, /least number of cells/],
    [{ byAssurance: true, assurancePercent: '100' }, /below 100/],
    [{ byTime: true, minutes: '-1' }, /minutes above 0/],
  ])('says what is wrong with %o', (changes, words) => {
    expect(request(changes)).toEqual({ problem: expect.stringMatching(words) })
  })

  it('names thresholds people look at, and which of them no source confirms', () => {
    expect(thresholdNote('BLA')).toBe('Often looked at: 5, 10, 20 %.')
    expect(thresholdNote('PLM')).toContain('(unverified)')
    expect(thresholdNote('EOS')).toBeNull()
    expect(THRESHOLD_GROUPS.some(({ value }) => value === 'ART')).toBe(false)
  })
})
