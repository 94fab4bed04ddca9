import { describe, expect, it } from 'vitest'
import type { FieldQuality } from '../contract/quality.ts'
import { DriftWatch } from './drift.ts'

const QUALITY: FieldQuality = {
  edgeWidthUm: 0.2,
  bluntestEdgeWidthUm: 0.22,
  saturatedShare: 0,
  blackShare: 0,
  glass: { red: 230, green: 232, blue: 240 },
  unevenness: 0.1,
  coveredShare: 0.5,
  nuclearShare: 0.08,
  filmDensity: 0.28,
  nuclearDensity: 0.8,
}

/** Evenly distributed, by a seed. */
function chance(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48271) % 2147483647
    return state / 2147483647
  }
}

const constant = (_: number): number => 1

/** As many fields, each scattered as on a smear; `light` and `stain`: what a field's are multiplied by. */
function flagsOf(seed: number, fields: number, { light = constant, stain = constant } = {}) {
  const random = chance(seed)
  const normal = () => random() + random() + random() + random() - 2
  const watch = new DriftWatch()
  return Array.from({ length: fields }, (_, field) => {
    const bright = light(field) * Math.exp(0.02 * normal())
    const glass = { red: 230 * bright, green: 232 * bright, blue: 240 * bright }
    const nuclearDensity = 0.8 * stain(field) * Math.exp(0.12 * normal())
    const filmDensity = 0.28 * stain(field) * Math.exp(0.08 * normal())
    return watch.add({ ...QUALITY, glass, nuclearDensity, filmDensity }, field)
  }).flat()
}

describe('drift in the course of a run', () => {
  it('is not told of runs without any', () => {
    for (let seed = 1; seed <= 100; seed++) expect(flagsOf(seed, 500), `seed ${seed}`).toEqual([])
  })

  it('is told once of a lamp that fades, with how much and from when', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const flags = flagsOf(seed, 400, { light: (field) => 1 - (0.2 * field) / 400 })
      expect(flags.map(({ kind }) => kind)).toEqual(['light'])
      expect(flags[0].words).toMatch(/^The light is \d+ % weaker than in the first fields\.$/)
      expect(flags[0].field).toBeLessThan(320)
    }
  })

  it('is told of a stain that changes over the slide, of nuclei and film alike', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const flags = flagsOf(seed, 400, { stain: (field) => 1 + (0.6 * field) / 400 })
      expect(flags.map(({ kind }) => kind).sort()).toEqual(['stain-film', 'stain-nuclei'])
    }
  })

  it('is not told of one odd field, nor of fields that show no nuclei', () => {
    const watch = new DriftWatch()
    const told = Array.from({ length: 60 }, (_, field) =>
      watch.add(
        { ...QUALITY, nuclearDensity: field % 3 === 0 ? 0.8 : null, filmDensity: field === 40 ? 0.6 : 0.28 },
        field,
      ),
    )
    expect(told.flat()).toEqual([])
  })
})
