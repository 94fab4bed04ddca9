import { expect, it } from 'vitest'
import { fieldsToGo } from './fields-to-go.ts'

it('goes by whatever ends the run first, at the density so far', () => {
  const run = { plannedFields: 600, cellsToGo: 480, fields: 4, counted: 20 }
  expect(fieldsToGo(run)).toBe(96)
  expect(fieldsToGo({ ...run, plannedFields: 30 })).toBe(26)
  expect(fieldsToGo({ ...run, cellsToGo: null })).toBe(596)
  expect(fieldsToGo({ ...run, plannedFields: null })).toBe(96)
  expect(fieldsToGo({ ...run, plannedFields: null, cellsToGo: null })).toBeNull()
})

it('assumes a density before anything is counted, and never less than nothing', () => {
  expect(fieldsToGo({ plannedFields: 600, cellsToGo: 500, fields: 0, counted: 0 })).toBe(25)
  expect(fieldsToGo({ plannedFields: 3, cellsToGo: null, fields: 4, counted: 0 })).toBe(0)
})
