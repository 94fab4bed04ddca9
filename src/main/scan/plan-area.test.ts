import { describe, expect, it } from 'vitest'
import type { StageRect } from '../../shared/contract/area.ts'
import { contains, slidePx, stageUm } from '../../shared/geometry.ts'
import { planArea } from './plan-area.ts'
import {
  fieldCount,
  fieldNear,
  indexAt,
  neighbours,
  plannedField,
  type StagePlan,
  slideSizePx,
  stagePlan,
} from './stage-plan.ts'

const camera = { widthPx: 2048, heightPx: 1536, pixelSizeUm: 0.092, placeErrorUm: 0 }
const box = (xUm: number, yUm: number, widthUm: number, heightUm: number): StageRect => ({
  xUm,
  yUm,
  widthUm,
  heightUm,
})
/** What one field owns, micrometres. */
const ownUm = { width: (2048 - 2 * 109) * 0.092, height: (1536 - 2 * 109) * 0.092 }

function planned(...[area, , order, from]: Parameters<typeof planArea>): StagePlan {
  const plan = planArea(area, camera, order, from)
  if (!plan) throw new Error('nothing is planned')
  return plan
}
const indices = (plan: StagePlan) => Array.from({ length: fieldCount(plan) }, (_, index) => index)
const centres = (plan: StagePlan) => indices(plan).map((index) => plannedField(plan, index).centre)
const stepsBetween = (a: { x: number; y: number }, b: { x: number; y: number }) =>
  Math.hypot((a.x - b.x) / ownUm.width, (a.y - b.y) / ownUm.height)

describe('planArea', () => {
  it('plans just the fields of a rectangle that is a whole number of fields', () => {
    for (const [columns, rows] of [
      [1, 1],
      [5, 7],
      [9, 4],
    ] as const) {
      const area = { rects: [box(4321.7, 987.3, columns * ownUm.width, rows * ownUm.height)], excluded: [] }
      for (const order of ['serpentine', 'nearest'] as const)
        expect(fieldCount(planned(area, camera, order, null))).toBe(columns * rows)
    }
  })

  it('leaves out fields that reach into an excluded rectangle, and nothing owns what they would', () => {
    const rects = [box(0, 0, 8 * ownUm.width, 8 * ownUm.height)]
    const hole = box(3.2 * ownUm.width, 2.5 * ownUm.height, 1.5 * ownUm.width, ownUm.height)
    const plan = planned({ rects, excluded: [hole] }, camera, 'serpentine', null)
    expect(fieldCount(plan)).toBe(64 - 4)
    for (const centre of centres(plan)) {
      const clear =
        centre.x + ownUm.width / 2 <= hole.xUm + 1 ||
        centre.x - ownUm.width / 2 >= hole.xUm + hole.widthUm - 1 ||
        centre.y + ownUm.height / 2 <= hole.yUm + 1 ||
        centre.y - ownUm.height / 2 >= hole.yUm + hole.heightUm - 1
      expect(clear).toBe(true)
    }
    expect(indexAt(plan, 3, 2)).toBeNull()
    expect(planArea({ rects, excluded: rects }, camera, 'serpentine', null)).toBeNull()
  })

  it('gives each point of its fields one owner, whatever the outline and order', () => {
    const area = {
      rects: [box(0, 0, 600, 500), box(900, 300, 500, 700), box(400, 200, 300, 300)],
      excluded: [box(200, 200, 100, 60)],
    }
    for (const order of ['serpentine', 'nearest'] as const) {
      const plan = planned(area, camera, order, null)
      const { widthPx, heightPx } = slideSizePx(plan)
      const fields = indices(plan).map((index) => plannedField(plan, index))
      expect(new Set(fields.map(({ owned }) => `${owned.origin.x} ${owned.origin.y}`)).size).toBe(fields.length)
      for (let y = 3; y < heightPx; y += 211) {
        for (let x = 3; x < widthPx; x += 211) {
          const owners = fields.filter(({ owned }) => contains(owned, slidePx(x, y)))
          expect(owners.length).toBeLessThanOrEqual(1)
        }
      }
    }
  })

  it('scans the best rectangle first, then the next', () => {
    const rects = [box(5000, 5000, 300, 300), box(0, 0, 500, 500)]
    const visited = centres(planned({ rects, excluded: [] }, camera, 'serpentine', null))
    const inFirst = visited.map(({ x }) => x > 4000)
    expect(inFirst.lastIndexOf(true)).toBeLessThan(inFirst.indexOf(false))
  })

  it('goes on to the nearest field that is left, from the middle outwards', () => {
    const rects = [box(0, 0, 9 * ownUm.width, 9 * ownUm.height)]
    const visited = centres(planned({ rects, excluded: [] }, camera, 'nearest', null))
    const middle = stageUm(4.5 * ownUm.width, 4.5 * ownUm.height)
    expect(stepsBetween(visited[0]!, middle)).toBeLessThan(0.1)
    for (const [i, centre] of visited.entries()) {
      if (i === 0) continue
      const step = stepsBetween(centre, visited[i - 1]!)
      for (const later of visited.slice(i + 1))
        expect(stepsBetween(later, visited[i - 1]!)).toBeGreaterThan(step - 1e-6)
    }
    // A count that ends early has looked at a compact block round the middle.
    for (const centre of visited.slice(0, 25)) expect(stepsBetween(centre, middle)).toBeLessThan(4)
  })

  it('begins where the objective stands, if that is in the area', () => {
    const rects = [box(0, 0, 9 * ownUm.width, 9 * ownUm.height)]
    const corner = stageUm(10, 10)
    expect(centres(planned({ rects, excluded: [] }, camera, 'nearest', corner))[0]!.x).toBeLessThan(ownUm.width)
    const away = centres(planned({ rects, excluded: [] }, camera, 'nearest', stageUm(-500, 0)))
    expect(away[0]!.x).toBeGreaterThan(3 * ownUm.width)
  })

  it('plans thousands of fields in nearest-first order', () => {
    const rects = [box(0, 0, 100 * ownUm.width, 100 * ownUm.height)]
    const plan = planned({ rects, excluded: [box(3000, 3000, 2000, 1500)] }, camera, 'nearest', null)
    expect(new Set(plan.visits).size).toBe(fieldCount(plan))
  })
})

describe('a plan', () => {
  const area = { rects: [box(0, 0, 600, 500)], excluded: [box(200, 200, 100, 60)] }

  it('knows the neighbours that its fields overlap', () => {
    for (const order of ['serpentine', 'nearest'] as const) {
      const plan = planned(area, camera, order, null)
      const at = indices(plan).map((index) => plannedField(plan, index).centre)
      for (const index of indices(plan)) {
        const near = indices(plan).filter((other) => Math.abs(stepsBetween(at[index]!, at[other]!) - 1) < 1e-6)
        expect(neighbours(plan, index).toSorted((a, b) => a - b)).toEqual(near)
      }
    }
  })

  it('keeps its order through the casebook, and one from before areas reads as it was', () => {
    const plan = planned(area, camera, 'nearest', null)
    expect(stagePlan.parse(JSON.parse(JSON.stringify(plan)))).toEqual(plan)
    const { visits, ...old } = planned({ ...area, excluded: [] }, camera, 'serpentine', null)
    expect(visits).toBeNull()
    const read = stagePlan.parse(JSON.parse(JSON.stringify(old)))
    expect(fieldCount(read)).toBe(read.columns * read.rows)
    expect(indexAt(read, 0, 0)).toBe(0)
  })

  it('finds the planned field nearest to a share of its width and height', () => {
    const rects = [box(0, 0, 300, 300), box(3000, 2000, 300, 300)]
    const plan = planned({ rects, excluded: [] }, camera, 'serpentine', null)
    expect(fieldNear(plan, 0.05, 0.05).centre.x).toBeLessThan(300)
    expect(fieldNear(plan, 0.95, 0.95).centre.x).toBeGreaterThan(2900)
    expect(fieldNear(plan, 0.95, 0.05).index).toBeGreaterThanOrEqual(0)
  })
})
