import { expect, test } from 'vitest'
import type { Field } from '../../shared/contract/slide.ts'
import { countingFrame } from './counting-frame.ts'

const FIELDS = [{ widthPx: 2000, heightPx: 1500 } as Field]

test('from afar one counts in one field in the middle of what is visible', () => {
  expect(countingFrame({ x: 1000, y: 0, width: 10_000, height: 6000 }, FIELDS)).toEqual({
    x: 5000,
    y: 2250,
    width: 2000,
    height: 1500,
  })
})

test('from near in all that is visible', () => {
  const visible = { x: 5, y: 7, width: 900, height: 600 }
  expect(countingFrame(visible, FIELDS)).toEqual(visible)
  expect(countingFrame({ x: 0, y: 0, width: 3000, height: 600 }, FIELDS)).toMatchObject({
    x: 500,
    width: 2000,
    height: 600,
  })
})

test('where no field is there yet it is what is visible', () => {
  const visible = { x: 0, y: 0, width: 9000, height: 6000 }
  expect(countingFrame(visible, [])).toEqual(visible)
})
