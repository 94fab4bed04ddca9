import { expect, test } from 'vitest'
import type { AreaExpectation } from './expect.ts'
import { expectationWords } from './words.ts'

const area: AreaExpectation = {
  fields: 35,
  countableShare: 1,
  cellsPerMm2: 1000,
  cells: { expected: 652.4, low: 530, high: 770 },
  fieldsToTarget: { expected: 27, low: 22, high: 34 },
  seconds: { expected: 40.2, low: 30.1, high: 55.4 },
}

test('what an area will bring is said with its limits, in one unit where it can be', () => {
  expect(expectationWords(area, 500)).toBe('27 fields (22-34) for 500 cells, about 40 s (30-55 s).')
  expect(expectationWords({ ...area, seconds: { expected: 130, low: 80, high: 400 } }, 500)).toContain(
    '2 min (80 s-7 min)',
  )
  expect(expectationWords({ ...area, seconds: null }, 500)).toBe('27 fields (22-34) for 500 cells.')
  expect(expectationWords({ ...area, fieldsToTarget: { expected: 33, low: 27, high: null }, seconds: null }, 500)).toBe(
    '33 fields (27 or more; the area has 35) for 500 cells.',
  )
  expect(expectationWords({ ...area, fieldsToTarget: null, seconds: null }, 2000)).toBe(
    '35 fields hold about 652 counted cells, fewer than 2000.',
  )
  expect(expectationWords({ ...area, seconds: null }, null)).toBe('35 fields, about 652 cells.')
})
