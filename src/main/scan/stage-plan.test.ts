import { describe, expect, it } from 'vitest'
import { contains, slidePx, stageUm } from '../../shared/geometry.ts'
import { fieldCount, fieldOrigin, plannedField, planStage, slideSizePx } from './stage-plan.ts'

const camera = { widthPx: 2048, heightPx: 1536, pixelSizeUm: 0.092, placeErrorUm: 0 }
const plan = planStage({ origin: stageUm(1000, 2000), width: 1000, height: 700 }, camera)

describe('planStage', () => {
  it('runs in serpentines of a few columns: nearly every next field is a neighbour', () => {
    let jumps = 0
    for (let index = 1; index < fieldCount(plan); index++) {
      const a = plannedField(plan, index - 1).owned
      const b = plannedField(plan, index).owned
      const dx = Math.abs(a.origin.x - b.origin.x) / a.width
      const dy = Math.abs(a.origin.y - b.origin.y) / a.height
      if (dx + dy !== 1) jumps++
      expect(dx + dy).toBeLessThanOrEqual(2 * plan.bandColumns)
    }
    expect(jumps).toBeLessThanOrEqual(Math.ceil(plan.columns / plan.bandColumns) - 1)
  })

  it('visits every place once', () => {
    const places = Array.from({ length: fieldCount(plan) }, (_, index) => plannedField(plan, index).owned.origin)
    expect(new Set(places.map((place) => `${place.x} ${place.y}`)).size).toBe(fieldCount(plan))
    expect(plan.columns % plan.bandColumns).not.toBe(0)
  })

  it('begins with a compact block, not with a strip across the region', () => {
    const block = Array.from({ length: plan.bandColumns ** 2 }, (_, index) => plannedField(plan, index).owned.origin)
    const columns = new Set(block.map((place) => place.x)).size
    expect(columns).toBe(plan.bandColumns)
  })

  it('covers the region, each point owned by exactly one field', () => {
    const { widthPx, heightPx } = slideSizePx(plan)
    let owned = 0
    for (let y = 5; y < heightPx; y += 97) {
      for (let x = 5; x < widthPx; x += 97) {
        const point = slidePx(x, y)
        const owners = Array.from({ length: fieldCount(plan) }, (_, index) => index).filter((index) =>
          contains(plannedField(plan, index).owned, point),
        )
        expect(owners.length).toBeLessThanOrEqual(1)
        owned += owners.length
      }
    }
    const areaUm2 = owned * (97 * 0.092) ** 2
    expect(areaUm2).toBeGreaterThan(0.95 * 1000 * 700)
  })

  it('puts a field whose stage stood where it was meant to stand round what it owns, inside the slide', () => {
    const { widthPx, heightPx } = slideSizePx(plan)
    for (let index = 0; index < fieldCount(plan); index++) {
      const field = plannedField(plan, index)
      const origin = fieldOrigin(plan, field.centre)
      expect(Math.abs(field.owned.origin.x - origin.x - plan.marginPx)).toBeLessThanOrEqual(1)
      expect(Math.abs(field.owned.origin.y - origin.y - plan.marginPx)).toBeLessThanOrEqual(1)
      expect(origin.x).toBeGreaterThanOrEqual(0)
      expect(origin.y).toBeGreaterThanOrEqual(0)
      expect(origin.x + plan.fieldWidthPx).toBeLessThanOrEqual(widthPx)
      expect(origin.y + plan.fieldHeightPx).toBeLessThanOrEqual(heightPx)
    }
  })

  it('refuses a camera that sees no whole cell', () => {
    expect(() => planStage({ origin: stageUm(0, 0), width: 1, height: 1 }, { ...camera, widthPx: 200 })).toThrow(
      RangeError,
    )
  })
})
