import { describe, expect, it } from 'vitest'
import { contains, type SlidePx, slidePx } from '../../shared/geometry.ts'
import { countsCell, seamRules } from './ownership.ts'

const rules = seamRules(0.092)
const left = { origin: slidePx(0, 0), width: 1000, height: 1000 }
const right = { origin: slidePx(1000, 0), width: 1000, height: 1000 }
const fields = [left, right]
const ownerOf = (point: SlidePx) => {
  const index = fields.findIndex((field) => contains(field, point))
  return index < 0 ? null : index
}

/** Both fields see one cell, each at its own idea of the centre; they commit in order. */
function timesCounted(seenByLeft: SlidePx, seenByRight: SlidePx): number {
  const committed: { field: number; at: SlidePx }[] = []
  const done = new Set<number>()
  for (const [index, centre] of [seenByLeft, seenByRight].entries()) {
    const counted = countsCell(centre, {
      owned: fields[index],
      rules,
      ownerOf,
      isCommitted: (field) => done.has(field),
      seenByOther: (point, radiusPx) =>
        committed.some(
          (cell) => cell.field !== index && Math.hypot(cell.at.x - point.x, cell.at.y - point.y) <= radiusPx,
        ),
    })
    if (counted) committed.push({ field: index, at: centre })
    done.add(index)
  }
  return committed.length
}

describe('countsCell', () => {
  it('counts a cell on the seam once, whichever way the two fields disagree', () => {
    for (let a = -12; a <= 12; a += 3) {
      for (let b = -12; b <= 12; b += 3) {
        expect(timesCounted(slidePx(1000 + a, 500), slidePx(1000 + b, 503)), `seen at ${a} and ${b}`).toBe(1)
      }
    }
  })

  it('leaves a cell outside the region to nobody', () => {
    const context = { owned: left, rules, ownerOf, isCommitted: () => true, seenByOther: () => false }
    expect(countsCell(slidePx(-3, 500), context)).toBe(false)
  })

  it('keeps two touching cells of one field', () => {
    const context = { owned: left, rules, ownerOf, isCommitted: () => true, seenByOther: () => false }
    expect(countsCell(slidePx(500, 500), context) && countsCell(slidePx(560, 500), context)).toBe(true)
  })
})
