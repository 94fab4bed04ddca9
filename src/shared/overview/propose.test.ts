import { describe, expect, it } from 'vitest'
import { type DrawnPlace, drawnOverview } from '../../../test/support/drawn-overview.ts'
import type { StageRect } from '../contract/area.ts'
import { expectArea, fieldsOf, USUAL_COUNTED } from './expect.ts'
import { judge, usualOf } from './judge.ts'
import { proposeAreas } from './propose.ts'
import { layerValue, MAP_LAYERS, overlaps, smearMap } from './smear-map.ts'

const PITCH_UM = 500
const step = { widthUm: 168.4, heightUm: 121.3 }
const asked = { step, targetCells: 500, excluded: [], counted: USUAL_COUNTED, pace: null, most: 5 }
const THICK = { singleShare: 0.1, cellsPerMm2: 1800, cellShare: 0.22, touchingShare: 0.3 }
const PARTICLE = { singleShare: 0.3, cellsPerMm2: 2800, cellShare: 0.55, touchingShare: 0.9 }

/** Thick at the left, bare beyond the right, cells in between. */
const wedge = (xUm: number): DrawnPlace => {
  if (xUm < 3000) return THICK
  return xUm > 8000 ? { redShare: 0, cellShare: 0, cellsPerMm2: 0, singleShare: null, sharpness: null } : {}
}
const proposed = (
  at: (xUm: number, yUm: number) => DrawnPlace,
  patch: Partial<Omit<typeof asked, 'excluded'>> & { readonly excluded?: StageRect[] } = {},
) => {
  const map = smearMap(drawnOverview(20, 12, PITCH_UM, at), PITCH_UM)
  return { map, areas: proposeAreas(map, { ...asked, ...patch }) }
}
const fieldsIn = (rects: readonly StageRect[]) => fieldsOf({ rects, excluded: [], step })

describe('what is said of a place', () => {
  const places = drawnOverview(20, 12, PITCH_UM, wedge)
  const usual = usualOf(places)
  const said = (drawn: DrawnPlace) => judge(drawnOverview(1, 1, 1, () => drawn)[0]!, usual)

  it('names the one reason why it is not countable', () => {
    expect(said({})).toMatchObject({ verdict: 'countable' })
    expect(said(THICK)).toEqual({ verdict: 'thick', score: 0 })
    expect(said(PARTICLE)).toEqual({ verdict: 'particle', score: 0 })
    expect(said({ cellsPerMm2: 150, cellShare: 0.03 })).toEqual({ verdict: 'sparse', score: 0 })
    expect(said({ sharpness: 0.08 })).toEqual({ verdict: 'blurred', score: 0 })
    expect(said({ redShare: 0.01, cellShare: 0 })).toEqual({ verdict: 'empty', score: 0 })
  })

  it('is relative to the smear: where red cells overlap everywhere, the thinnest part is countable', () => {
    const thick = drawnOverview(10, 10, PITCH_UM, (x) => ({ singleShare: x < 3000 ? 0.05 : 0.18 }))
    const map = smearMap(thick, PITCH_UM)
    expect(map.judged.map(({ verdict }) => verdict)).toEqual(
      thick.map(({ xUm }) => (xUm < 3000 ? 'thick' : 'countable')),
    )
  })

  it('does not take a crowded marrow for one large particle', () => {
    const crowded = smearMap(
      drawnOverview(10, 10, PITCH_UM, () => ({ cellShare: 0.5, touchingShare: 0.8, cellsPerMm2: 4000 })),
      PITCH_UM,
    )
    expect(new Set(crowded.judged.map(({ verdict }) => verdict))).toEqual(new Set(['countable']))
  })

  it('puts every layer of the map between 0 and 1, or leaves it open', () => {
    const map = smearMap(places, PITCH_UM)
    for (const layer of MAP_LAYERS) {
      for (const i of places.keys()) {
        const value = layerValue(map, i, layer)
        if (value === null) continue
        expect(value).toBeGreaterThanOrEqual(0)
        expect(value).toBeLessThanOrEqual(1)
      }
    }
  })
})

describe('proposed areas', () => {
  it('lie where red cells lie singly, hold the cells asked for, and do not overlap', () => {
    const { areas } = proposed(wedge)
    expect(areas.map(({ rank }) => rank)).toEqual([1, 2, 3, 4, 5])
    for (const { rects, expectation } of areas) {
      for (const { xUm } of fieldsIn(rects)) {
        expect(xUm).toBeGreaterThan(2900)
        expect(xUm).toBeLessThan(8200)
      }
      expect(expectation.cells.low).toBeGreaterThan(500 * 0.8)
      expect(expectation.fieldsToTarget?.expected).toBeLessThanOrEqual(expectation.fields)
      expect(expectation.countableShare).toBeGreaterThan(0.9)
    }
    const all = areas.flatMap(({ rects }) => rects)
    for (const [i, a] of all.entries()) for (const b of all.slice(i + 1)) expect(overlaps(a, b)).toBe(false)
  })

  it('keep away from particles and from what a person excludes', () => {
    const particle = (x: number, y: number) => Math.hypot(x - 5500, y - 3000) < 800
    const { areas } = proposed((x, y) => (particle(x, y) ? PARTICLE : wedge(x)))
    for (const { xUm, yUm } of fieldsIn(areas[0]!.rects))
      expect(Math.hypot(xUm - 5500, yUm - 3000)).toBeGreaterThan(600)
    const hole = areas[0]!.rects[0]!
    for (const { rects } of proposed(wedge, { excluded: [hole] }).areas) {
      expect(rects.some((rect) => overlaps(rect, hole))).toBe(false)
    }
  })

  it('consist of a few rectangles where no single one is good', () => {
    const islands = (x: number, y: number) =>
      Math.min(Math.hypot(x - 2000, y - 2500), Math.hypot(x - 6000, y - 2500)) < 900 ? {} : THICK
    const { areas } = proposed(islands, { targetCells: 3500 })
    expect(areas[0]!.rects.length).toBeGreaterThan(1)
    const good = fieldsIn(areas[0]!.rects).filter(({ xUm, yUm }) => islands(xUm, yUm) !== THICK)
    expect(good.length / fieldsIn(areas[0]!.rects).length).toBeGreaterThan(0.6)
  })

  it('are none where nothing is countable or nothing was looked at', () => {
    expect(proposed(() => ({ redShare: 0, cellShare: 0, cellsPerMm2: 0, singleShare: null })).areas).toEqual([])
    expect(proposeAreas(smearMap([], PITCH_UM), asked)).toEqual([])
  })

  it('are the same from the same places', () => {
    expect(proposed(wedge).areas).toEqual(proposed(wedge).areas)
  })
})

describe('what an area is expected to bring', () => {
  const map = smearMap(drawnOverview(20, 12, PITCH_UM, wedge), PITCH_UM)
  const rect = { xUm: 4000, yUm: 1000, widthUm: 6 * step.widthUm, heightUm: 6 * step.heightUm }
  const expecting = { rects: [rect], excluded: [], step, targetCells: 500, counted: USUAL_COUNTED, pace: null }

  it('follows from cells, fields and pace', () => {
    const pace = { secondsPerField: 0.5, error: 0.1, onceSeconds: 10, from: 'runs' } as const
    const found = expectArea(map, { ...expecting, pace })!
    expect(found).toMatchObject({ fields: 36, countableShare: 1 })
    const perField = 1000 * step.widthUm * step.heightUm * 1e-6 * USUAL_COUNTED.share
    expect(found.fieldsToTarget!.expected / (500 / perField)).toBeGreaterThan(0.95)
    expect(found.fieldsToTarget!.expected / (500 / perField)).toBeLessThan(1.1)
    expect(found.seconds!.expected).toBeCloseTo(10 + 0.5 * found.fieldsToTarget!.expected)
    expect(found.seconds!.low).toBeLessThan(found.seconds!.expected)
    expect(found.seconds!.high).toBeGreaterThan(found.seconds!.expected)
    expect(expectArea(map, { ...expecting, targetCells: null, pace })!.seconds).toMatchObject({ expected: 28 })
  })

  it('says so where an area does not hold the cells asked for, or nothing is known of it', () => {
    expect(expectArea(map, { ...expecting, targetCells: 5000 })!.fieldsToTarget).toBeNull()
    expect(expectArea(map, { ...expecting, rects: [{ ...rect, xUm: 90_000 }] })).toBeNull()
    expect(expectArea(map, { ...expecting, excluded: [rect] })).toBeNull()
  })

  it('leaves out fields that reach into an excluded rectangle, and counts overlapping rectangles once', () => {
    const hole = { xUm: rect.xUm + 10, yUm: rect.yUm + 10, widthUm: 10, heightUm: 10 }
    expect(expectArea(map, { ...expecting, excluded: [hole] })!.fields).toBe(35)
    expect(expectArea(map, { ...expecting, rects: [rect, rect] })!.fields).toBe(36)
  })
})
