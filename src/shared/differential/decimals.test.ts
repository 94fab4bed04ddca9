import { describe, expect, it } from 'vitest'
import { decimalsFor } from './decimals.ts'
import { exactInterval } from './interval.ts'

const written = (count: number, n: number) => {
  const { low, high } = exactInterval(count, n)
  const decimals = decimalsFor(100 * low, 100 * high)
  return [(100 * count) / n, 100 * low, 100 * high].map((percent) => percent.toFixed(decimals)).join(' ')
}

describe('decimalsFor', () => {
  it('writes a count of five hundred with one decimal, whatever its share', () => {
    expect([written(0, 500), written(5, 500), written(300, 500)]).toEqual([
      '0.0 0.0 0.7',
      '1.0 0.3 2.3',
      '60.0 55.6 64.3',
    ])
  })

  it('writes as many as a larger count supports, and no more', () => {
    expect(written(0, 2000)).toBe('0.00 0.00 0.18')
    expect(written(0, 19_600)).toBe('0.000 0.000 0.019')
    expect(written(1, 19_600)).toBe('0.01 0.00 0.03')
    expect(written(4900, 19_600)).toBe('25.0 24.4 25.6')
  })

  it('never writes both limits of a real interval alike', () => {
    for (const n of [10, 100, 500, 3000, 20_000, 1_000_000]) {
      for (const count of [0, 1, Math.floor(n / 50), Math.floor(n / 2), n]) {
        const [, low, high] = written(count, n).split(' ')
        expect(low).not.toBe(high)
      }
    }
  })

  it('is one where nothing is known or the interval is open', () => {
    expect([decimalsFor(null, null), decimalsFor(3, null), decimalsFor(4, 4)]).toEqual([1, 1, 1])
  })
})
