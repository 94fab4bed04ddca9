import { describe, expect, it } from 'vitest'
import { fieldsInWork } from './look-ahead.ts'

describe('fieldsInWork', () => {
  it('is as many as the memory allows where the whole region is wanted', () => {
    expect(fieldsInWork({ hasStage: true, cellsToGo: null, fields: 0, counted: 0 })).toBe(24)
    expect(fieldsInWork({ hasStage: true, cellsToGo: null, fields: 90, counted: 1800 })).toBe(24)
  })

  it('is few where no stage waits', () => {
    expect(fieldsInWork({ hasStage: false, cellsToGo: null, fields: 3, counted: 90 })).toBe(6)
    expect(fieldsInWork({ hasStage: false, cellsToGo: 20, fields: 3, counted: 60 })).toBe(4)
  })

  it('supposes a density until it is known, also where the first fields are empty', () => {
    expect(fieldsInWork({ hasStage: true, cellsToGo: 500, fields: 0, counted: 0 })).toBe(24)
    expect(fieldsInWork({ hasStage: true, cellsToGo: 60, fields: 12, counted: 0 })).toBe(6)
  })

  it('is what the rest of the count takes, and a little more', () => {
    expect(fieldsInWork({ hasStage: true, cellsToGo: 400, fields: 5, counted: 100 })).toBe(24)
    expect(fieldsInWork({ hasStage: true, cellsToGo: 100, fields: 20, counted: 400 })).toBe(8)
    expect(fieldsInWork({ hasStage: true, cellsToGo: 1, fields: 25, counted: 499 })).toBe(3)
    expect(fieldsInWork({ hasStage: true, cellsToGo: 0, fields: 25, counted: 500 })).toBe(2)
    expect(fieldsInWork({ hasStage: true, cellsToGo: -90, fields: 25, counted: 590 })).toBe(1)
  })
})
