import { describe, expect, it } from 'vitest'
import { contains, type Rect, type SlidePx, slidePx } from '../../shared/geometry.ts'
import { hash, Random } from '../microscope/simulator/random.ts'
import { countsCell, ownedPart, seamRules } from './ownership.ts'

const rules = seamRules(0.092)
const left = { origin: slidePx(0, 0), width: 1000, height: 1000 }

/** Fields side by side, the right one `by` off where it would touch; both see one cell, each at its own idea of the centre. */
function timesCounted(by: number, seenByLeft: SlidePx, seenByRight: SlidePx): number {
  const right = ownedPart({ origin: slidePx(1000 + by, 0), width: 1000, height: 1000 }, [left])
  const counted: SlidePx[] = []
  const seenByOther = (point: SlidePx, radiusPx: number) =>
    counted.some((cell) => Math.hypot(cell.x - point.x, cell.y - point.y) <= radiusPx)
  if (countsCell(seenByLeft, { owned: left, earlier: [], rules, seenByOther: () => false })) counted.push(seenByLeft)
  return counted.length + (countsCell(seenByRight, { owned: right, earlier: [left], rules, seenByOther }) ? 1 : 0)
}

describe('countsCell', () => {
  it('counts a cell on the seam once, whichever way the two fields disagree, and however the stage put them', () => {
    for (const by of [-80, -30, -1, 0, 4]) {
      for (let at = 985; at <= 1015 + by; at += 3) {
        for (let off = -12; off <= 12; off += 3) {
          const times = timesCounted(by, slidePx(at, 500), slidePx(at + off, 503))
          expect(times, `overlap ${-by}, seen at ${at} and ${at + off}`).toBe(1)
        }
      }
    }
  })

  it('leaves to the field before what lies well within what it owns, whether that one found it or not', () => {
    const right = ownedPart({ origin: slidePx(900, 0), width: 1000, height: 1000 }, [left])
    expect(right).toEqual({ origin: slidePx(1000, 0), width: 900, height: 1000 })
    const context = { owned: right, earlier: [left], rules, seenByOther: () => false }
    expect(countsCell(slidePx(970, 500), context)).toBe(false)
    expect(countsCell(slidePx(990, 500), context)).toBe(true)
  })

  it('leaves a cell outside the region to nobody, and a border without a neighbour as it is', () => {
    const context = { owned: left, earlier: [], rules, seenByOther: () => false }
    expect(countsCell(slidePx(-3, 500), context)).toBe(false)
    expect(countsCell(slidePx(3, 500), context)).toBe(true)
  })

  it('keeps two touching cells of one field', () => {
    const context = { owned: left, earlier: [], rules, seenByOther: () => false }
    expect(countsCell(slidePx(500, 500), context) && countsCell(slidePx(560, 500), context)).toBe(true)
  })
})

describe('ownedPart', () => {
  const seen = { origin: slidePx(0, 0), width: 100, height: 80 }

  it('stops where the fields before begin, and takes all where there are none', () => {
    expect(ownedPart(seen, [])).toEqual(seen)
    expect(ownedPart(seen, [{ origin: slidePx(-90, -3), width: 100, height: 80 }])).toEqual(seen)
    expect(ownedPart(seen, [{ origin: slidePx(-90, -3), width: 100, height: 90 }])).toEqual({
      origin: slidePx(10, 0),
      width: 90,
      height: 80,
    })
    expect(ownedPart(seen, [{ origin: slidePx(-5, -5), width: 200, height: 200 }])).toMatchObject({
      width: 0,
      height: 0,
    })
  })

  it('leaves no point of what is seen to nobody, and none to two, in grids of any disorder', () => {
    const random = new Random(hash(5))
    for (let run = 0; run < 20; run++) {
      const order = Array.from({ length: 16 }, (_, i) => i)
      for (let i = 15; i > 0; i--) {
        const j = random.int(i + 1)
        ;[order[i], order[j]] = [order[j]!, order[i]!]
      }
      const owned: Rect<SlidePx>[] = []
      const seenBy = order.map((i) => ({
        origin: slidePx(90 * (i % 4) + random.range(-5, 5), 70 * Math.floor(i / 4) + random.range(-5, 5)),
        width: 100,
        height: 80,
      }))
      for (const each of seenBy) owned.push(ownedPart(each, owned))
      let area = 0
      for (const rect of owned) area += rect.width * rect.height
      let inside = 0
      const points = 4000
      for (let p = 0; p < points; p++) {
        const point = slidePx(random.range(0, 360), random.range(0, 280))
        const owner = owned.findIndex((rect) => contains(rect, point))
        expect(owner, `run ${run}: ${point.x}, ${point.y}`).toBe(seenBy.findIndex((each) => contains(each, point)))
        if (owner >= 0) inside++
      }
      expect(inside).toBeGreaterThan(0.98 * points)
      // What their rectangles hold twice over are corners, more of them in this disorder than in any scan.
      expect(area).toBeLessThan(1.25 * 370 * 290)
    }
  })
})
