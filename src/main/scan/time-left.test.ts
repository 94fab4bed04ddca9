import { describe, expect, it } from 'vitest'
import { secondsLeft } from './time-left.ts'

const pace = { activeMs: 10_000, fields: 20, counted: 200, fieldsToGo: 100, cellsToGo: 300, msToGo: null }

describe('secondsLeft', () => {
  it('takes the end that comes first', () => {
    expect(secondsLeft(pace)).toBe(15)
    expect(secondsLeft({ ...pace, fieldsToGo: 4 })).toBe(2)
    expect(secondsLeft({ ...pace, msToGo: 1500 })).toBe(1.5)
  })

  it('is unknown at the start and where no end is known', () => {
    expect(secondsLeft({ ...pace, fields: 1 })).toBeNull()
    expect(secondsLeft({ ...pace, fieldsToGo: null, cellsToGo: null })).toBeNull()
    expect(secondsLeft({ ...pace, counted: 0, fieldsToGo: null })).toBeNull()
  })

  it('does not go below zero when the target is passed', () => {
    expect(secondsLeft({ ...pace, cellsToGo: -4 })).toBe(0)
  })
})
