import { expect, test } from 'vitest'
import { histogramPath } from './histogram-path.ts'

test('the fullest bin reaches the top, an empty one lies on the ground', () => {
  expect(histogramPath([0, 0.25, 1], 1, 40)).toBe('M0,40.00L1,20.00L2,0.00')
})

test('a frame without pixels draws a flat line', () => {
  expect(histogramPath([0, 0], 0, 10)).toBe('M0,10.00L1,10.00')
})
