import { expect, test } from 'vitest'
import { seededDraw } from './draw.ts'
import { fisherExact, holm } from './exact-test.ts'

test("Fisher's tea: 3 of 4 against 1 of 4, and all of 4 against none", () => {
  // 2 (1 + 16) / 70, the tables with 3 or 4 right and their mirror images.
  expect(fisherExact(3, 4, 1, 4)).toBeCloseTo(34 / 70, 12)
  expect(fisherExact(4, 4, 0, 4)).toBeCloseTo(2 / 70, 12)
})

test('the same share, or none at all, is never a difference', () => {
  expect(fisherExact(5, 100, 5, 100)).toBe(1)
  expect(fisherExact(0, 100, 0, 500)).toBe(1)
  expect(fisherExact(0, 0, 3, 10)).toBe(1)
})

test('agrees with the sum over all tables, in logarithms', () => {
  const logs = [0]
  for (let n = 1; n <= 700; n++) logs.push(logs[n - 1] + Math.log(n))
  const lnFactorial = (n: number) => logs[n]
  const lnChoose = (n: number, k: number) => lnFactorial(n) - lnFactorial(k) - lnFactorial(n - k)
  const plainly = (a: number, ofA: number, b: number, ofB: number) => {
    const chance = (k: number) => Math.exp(lnChoose(ofA, k) + lnChoose(ofB, a + b - k) - lnChoose(ofA + ofB, a + b))
    let p = 0
    for (let k = Math.max(0, a + b - ofB); k <= Math.min(a + b, ofA); k++)
      if (chance(k) <= chance(a) * (1 + 1e-7)) p += chance(k)
    return p
  }
  const random = seededDraw(3)
  for (let round = 0; round < 200; round++) {
    const [ofA, ofB] = [1 + Math.floor(300 * random.uniform()), 1 + Math.floor(300 * random.uniform())]
    const [a, b] = [Math.floor(random.uniform() * (ofA + 1)), Math.floor(random.uniform() * (ofB + 1))]
    expect(fisherExact(a, ofA, b, ofB)).toBeCloseTo(plainly(a, ofA, b, ofB), 9)
  }
})

test('thousands of cells do no harm', () => {
  expect(fisherExact(500, 20_000, 900, 20_000)).toBeLessThan(1e-20)
  expect(fisherExact(500, 20_000, 500, 20_000)).toBe(1)
})

test('two counts of one smear are called different in at most 5 % of pairs, for all classes together', () => {
  const random = seededDraw(11)
  const shares = [0.02, 0.04, 0.06, 0.08, 0.12, 0.24, 0.14, 0.3]
  const drawn = (cells: number) => {
    const counts = shares.map(() => 0)
    for (let i = 0; i < cells; i++) counts[random.place(Float64Array.from(shares), 1)]++
    return counts
  }
  let called = 0
  const pairs = 400
  for (let round = 0; round < pairs; round++) {
    const [one, other] = [drawn(200), drawn(500)]
    if (
      holm(
        one.map((count, i) => fisherExact(count, 200, other[i], 500)),
        0.05,
      ).includes(true)
    )
      called++
  }
  // Exact tests are never above their level: 5 % and twice the error of 400 pairs.
  expect(called / pairs).toBeLessThan(0.072)
})

test('Holm: the smallest is held against the level over all, the next over what is left', () => {
  expect(holm([0.01, 0.04, 0.03, 0.005], 0.05)).toEqual([true, false, false, true])
  expect(holm([0.2, 0.013], 0.05)).toEqual([false, true])
  expect(holm([], 0.05)).toEqual([])
})
