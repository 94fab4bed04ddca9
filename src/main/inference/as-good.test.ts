import { describe, expect, it } from 'vitest'
import type { MeasuredSet } from '../../shared/contract/models.ts'
import { isInt8AsGood } from './as-good.ts'

const int8 = { file: 'model-int8.onnx', sha256: '0'.repeat(64), tolerance: 0.02 }

const set = (path: string, variant: MeasuredSet['variant'], balancedAccuracy: number): MeasuredSet => ({
  set: path,
  path,
  pixelSizeUm: 0.144,
  split: 'sha256-15',
  variant,
  n: 800,
  balancedAccuracy,
  accuracy: balancedAccuracy,
  calibrationError: 0.02,
  tolerance: 0.005,
})

describe('an 8 bit graph is as good as the full one', () => {
  const measured = [set('a', 'float', 0.84), set('b', 'float', 0.91)]
  it.each([
    ['where it lost a hundredth at most on every set', [set('a', 'int8', 0.831), set('b', 'int8', 0.92)], true],
    ['not where it lost more on one', [set('a', 'int8', 0.829), set('b', 'int8', 0.92)], false],
    ['not where one was not measured', [set('b', 'int8', 0.92)], false],
    ['not by other images', [{ ...set('a', 'int8', 0.9), n: 700 }, set('b', 'int8', 0.92)], false],
  ])('%s', (_what, more, answer) => {
    expect(isInt8AsGood({ int8, measured: [...measured, ...more] })).toBe(answer)
  })

  it('not where nothing was measured, and not where there is none', () => {
    expect(isInt8AsGood({ int8 })).toBe(false)
    expect(isInt8AsGood({ measured: [set('a', 'float', 0.8), set('a', 'int8', 0.8)] })).toBe(false)
  })
})
