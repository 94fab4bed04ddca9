import { describe, expect, it } from 'vitest'
import { type CellLayout, LEAST_CELLS, layOut } from './lay-out.ts'
import { nearestAmong, nearestOf } from './nearest.ts'

const SIZE = 24
const GROUPS = 4

/** Vectors in four groups that lie apart, cell i in group i % 4. */
function grouped(count: number): Float32Array {
  let state = 7
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
  const centres = Float32Array.from({ length: GROUPS * SIZE }, () => 4 * random())
  const noise = () => random() + random() - 1
  return Float32Array.from(
    { length: count * SIZE },
    (_, i) => centres[(Math.floor(i / SIZE) % GROUPS) * SIZE + (i % SIZE)] + noise(),
  )
}

/** Share of the cells whose nearest on the map is of their own group. */
function purity({ x, y }: CellLayout): number {
  let own = 0
  for (let a = 0; a < x.length; a++) {
    let [nearest, least] = [-1, Number.POSITIVE_INFINITY]
    for (let b = 0; b < x.length; b++) {
      const apart = (x[a] - x[b]) ** 2 + (y[a] - y[b]) ** 2
      if (b !== a && apart < least) [nearest, least] = [b, apart]
    }
    if (nearest % GROUPS === a % GROUPS) own++
  }
  return own / x.length
}

const silent = () => undefined

describe('the nearest vectors', () => {
  it('are those a plain search finds', () => {
    const count = 90
    const vectors = grouped(count)
    const k = 7
    const near = nearestAmong(vectors, count, SIZE, k, silent)
    for (let a = 0; a < count; a++) {
      const all = Array.from({ length: count }, (_, b) => {
        let squared = 0
        for (let i = 0; i < SIZE; i++) squared += (vectors[a * SIZE + i] - vectors[b * SIZE + i]) ** 2
        return { b, squared }
      }).sort((one, other) => one.squared - other.squared)
      const expected = all.slice(0, k).map(({ b }) => b)
      expect([...near.index.subarray(a * k, (a + 1) * k)]).toEqual(expected)
    }
    const asked = vectors.slice(0, 10 * SIZE)
    const other = nearestOf(asked, 10, vectors, count, SIZE, k, silent)
    expect([...other.index]).toEqual([...near.index.subarray(0, 10 * k)])
  })
})

describe('a map of cells', () => {
  it('lays those together that are alike, and fills its square', () => {
    const map = layOut(grouped(200), 200, SIZE, { seed: 1 }, silent)
    expect(purity(map)).toBe(1)
    expect(map.laidOut).toBe(200)
    const all = [...map.x, ...map.y]
    expect(Math.max(...all)).toBeCloseTo(1, 5)
    expect(Math.min(...all)).toBeCloseTo(-1, 5)
  })

  it('is the same for the same vectors and seed', () => {
    const [first, second] = [1, 1].map((seed) => layOut(grouped(120), 120, SIZE, { seed }, silent))
    expect(second).toEqual(first)
    expect(layOut(grouped(120), 120, SIZE, { seed: 2 }, silent).x).not.toEqual(first.x)
  })

  it('places beside their like the cells that are beyond a sample', () => {
    const map = layOut(grouped(300), 300, SIZE, { seed: 3, mostLaidOut: 120 }, silent)
    expect(map.laidOut).toBe(120)
    expect(purity(map)).toBe(1)
  })

  it('is made of numbers even where all cells are the same, or as few as there may be', () => {
    const same = layOut(new Float32Array(40 * SIZE).fill(0.5), 40, SIZE, { seed: 1 }, silent)
    const few = layOut(grouped(LEAST_CELLS), LEAST_CELLS, SIZE, { seed: 1 }, silent)
    for (const map of [same, few]) for (const value of [...map.x, ...map.y]) expect(Number.isFinite(value)).toBe(true)
  })

  it('tells how far it is, to its end', () => {
    const told: number[] = []
    layOut(grouped(150), 150, SIZE, { seed: 1, mostLaidOut: 100 }, (share) => told.push(share))
    expect(told).toEqual([...told].sort((a, b) => a - b))
    expect(told.length).toBeGreaterThan(100)
    expect(told.at(-1)).toBeCloseTo(1, 9)
  })
})
