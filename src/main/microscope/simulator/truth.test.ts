import { describe, expect, test } from 'vitest'
import { CLASS_CODES } from '../../../shared/taxonomy.ts'
import { CLUMP_CELLS } from './clumps.ts'
import { createWorld } from './create-world.ts'
import { CRUSHED_SHARE } from './draw-others.ts'
import { classShares, NEEDLE_CLASS, NEEDLE_SHARE } from './profiles.ts'
import type { TruthCell } from './world.ts'
import { PROFILES } from './world.ts'

const mean = (cell: TruthCell) => (cell.widthUm + cell.heightUm) / 2

describe('truth', () => {
  test('is the same whatever was asked before, and ids are unique', () => {
    const one = createWorld({ seed: 3, profile: 'normal' })
    const two = createWorld({ seed: 3, profile: 'normal' })
    const { origin, width, height } = one.extent
    const all = one.truthIn(one.extent)
    const parts = [3, 1, 0, 2].flatMap((i) =>
      two.truthIn({
        origin: { x: origin.x + (i % 2) * (width / 2), y: origin.y + (i >> 1) * (height / 2) },
        width: width / 2,
        height: height / 2,
      }),
    )
    const byId = (a: TruthCell, b: TruthCell) => a.id - b.id
    expect(parts.toSorted(byId)).toEqual(all.toSorted(byId))
    expect(new Set(all.map((cell) => cell.id)).size).toBe(all.length)
    expect(all.length).toBeGreaterThan(20_000)
  })

  test('holds no two cells on one another', () => {
    const world = createWorld({ seed: 4, profile: 'aml' })
    const cells = world.truthIn(world.extent).toSorted((a, b) => a.centre.x - b.centre.x)
    let nearest = Number.POSITIVE_INFINITY
    let touching = 0
    for (let i = 0; i < cells.length; i++) {
      const a = cells[i]!
      for (let k = i + 1; k < cells.length && cells[k]!.centre.x - a.centre.x < 30; k++) {
        const b = cells[k]!
        const apart = Math.hypot(a.centre.x - b.centre.x, a.centre.y - b.centre.y) / ((mean(a) + mean(b)) / 2)
        nearest = Math.min(nearest, apart)
        if (apart < 1.05) touching += 2
      }
    }
    expect(nearest).toBeGreaterThan(0.8)
    expect(touching / cells.length).toBeGreaterThan(0.05)
  })

  test('lies in touching clumps of up to 12 where the world is clumped, the same whatever was asked before', () => {
    const world = createWorld({ seed: 4, profile: 'aml', clumped: true })
    const { origin } = world.countable
    const area = { origin, width: 1500, height: 1500 }
    const cells = world.truthIn(area)
    const touch = (a: TruthCell, b: TruthCell) =>
      Math.hypot(a.centre.x - b.centre.x, a.centre.y - b.centre.y) < (mean(a) + mean(b)) / 2
    const clumpOf = new Map<TruthCell, TruthCell[]>()
    for (const cell of cells) {
      const joined = new Set([...clumpOf].filter(([other]) => touch(cell, other)).map(([, clump]) => clump))
      const clump = [cell, ...[...joined].flat()]
      for (const member of clump) clumpOf.set(member, clump)
    }
    const sizes = [...new Set(clumpOf.values())].map((clump) => clump.length)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(CLUMP_CELLS)
    expect(Math.max(...sizes)).toBeGreaterThan(8)
    expect(sizes.filter((size) => size > 1).reduce((sum, size) => sum + size, 0) / cells.length).toBeGreaterThan(0.8)
    expect(cells.length).toBeGreaterThan(1.5 * createWorld({ seed: 4, profile: 'aml' }).truthIn(area).length)
    const part = { origin: { x: origin.x + 400, y: origin.y + 300 }, width: 200, height: 100 }
    const other = createWorld({ seed: 4, profile: 'aml', clumped: true })
    expect(other.truthIn(part)).toEqual(world.truthIn(part))
  })

  test('fills a field of the countable area with 20 to 35 cells in the middle, mostly apart', () => {
    const world = createWorld({ seed: 5, profile: 'normal' })
    const { origin, width, height } = world.countable
    const counts: number[] = []
    for (let y = 0; y + 141 <= height; y += 141) {
      for (let x = 0; x + 188 <= width; x += 188) {
        counts.push(world.truthIn({ origin: { x: origin.x + x, y: origin.y + y }, width: 188, height: 141 }).length)
      }
    }
    counts.sort((a, b) => a - b)
    const at = (share: number) => counts[Math.floor(counts.length * share)]!
    expect(at(0.5)).toBeGreaterThanOrEqual(24)
    expect(at(0.5)).toBeLessThanOrEqual(31)
    expect(at(0.1)).toBeGreaterThanOrEqual(18)
    expect(at(0.9)).toBeLessThanOrEqual(38)
  })
})

describe.each(PROFILES)('profile %s', (profile) => {
  test('has the class shares it names, within what sampling allows', () => {
    const world = createWorld({ seed: 6, profile })
    const cells = world.truthIn(world.countable)
    const shares = classShares(profile)
    expect(Object.values(shares).reduce((a, b) => a + b)).toBeCloseTo(1, 9)
    for (const code of CLASS_CODES) {
      // Only crushed cells among the artefacts are cells.
      const share = shares[code] * (code === 'ART' ? CRUSHED_SHARE : 1)
      const found = cells.filter((cell) => cell.class === code).length / cells.length
      // Crowding turns large cells away a little more often than small ones: one part in twenty on top of 4.5 standard errors.
      const room = 4.5 * Math.sqrt((share * (1 - share)) / cells.length) + 0.05 * share
      expect(Math.abs(found - share), code).toBeLessThanOrEqual(room)
    }
  })
})

test('the needle is one class at one in a thousand', () => {
  expect(classShares('needle')[NEEDLE_CLASS]).toBe(NEEDLE_SHARE)
  expect(classShares('normal')[NEEDLE_CLASS]).toBe(0)
})

test('best focus is a gentle tilt and bow of a few micrometres', () => {
  for (const seed of [1, 2, 3, 4]) {
    const world = createWorld({ seed, profile: 'normal' })
    const { origin, width, height } = world.extent
    const heights: number[] = []
    for (let y = 0; y <= 20; y++) {
      for (let x = 0; x <= 20; x++)
        heights.push(world.bestFocusUm({ x: origin.x + (x * width) / 20, y: origin.y + (y * height) / 20 }))
    }
    const span = Math.max(...heights) - Math.min(...heights)
    expect(span).toBeGreaterThan(1.2)
    expect(span).toBeLessThan(5)
  }
})
