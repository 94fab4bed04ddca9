import { expect, it } from 'vitest'
import { allowedDifference } from './reproduced.ts'

it('allows accuracies their tolerance, and the calibration error what a share of so many cells scatters by', () => {
  const stated = { tolerance: 0.005, n: 10_000 }
  expect(allowedDifference(stated, 'accuracy')).toBe(0.005)
  expect(allowedDifference(stated, 'calibrationError')).toBe(0.005)
  expect(allowedDifference({ ...stated, n: 100 }, 'balancedAccuracy')).toBe(0.005)
  expect(allowedDifference({ ...stated, n: 100 }, 'calibrationError')).toBe(0.05)
})
