import { describe, expect, it } from 'vitest'
import { fieldsInWork } from './look-ahead.ts'

describe('fieldsInWork', () => {
  it('is as many as the memory allows where the whole region is wanted', () => {
    expect(fieldsInWork({ cellsToGo: null, fields: 0, counted: 0 })).toBe(24)
    expect(fieldsInWork({ cellsToGo: null, fields: 90, counted: 1800 })).toBe(24)
  })

  it('supposes a density until it is known, also where the first fields are empty', () => {
    expect(fieldsInWork({ cellsToGo: 500, fields: 0, counted: 0 })).toBe(24)
    expect(fieldsInWork({ cellsToGo: 60, fields: 12, counted: 0 })).toBe(6)
  })

  it('is what the rest of the count takes, and a little more', () => {
    expect(fieldsInWork({ cellsToGo: 400, fields: 5, counted: 100 })).toBe(24)
    expect(fieldsInWork({ cellsToGo: 100, fields: 20, counted: 400 })).toBe(8)
    expect(fieldsInWork({ cellsToGo: 1, fields: 25, counted: 499 })).toBe(3)
    expect(fieldsInWork({ cellsToGo: 0, fields: 25, counted: 500 })).toBe(2)
    expect(fieldsInWork({ cellsToGo: -90, fields: 25, counted: 590 })).toBe(1)
  })
})
