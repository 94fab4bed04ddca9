import { describe, expect, it } from 'vitest'
import type { Cell } from '../../../shared/contract/cells.ts'
import type { CellMap } from '../../../shared/contract/evidence.ts'
import { CLASS_CODES } from '../../../shared/taxonomy.ts'
import { EMPTY_BOOK, withCells } from '../../app/cell-book.ts'
import {
  fitted,
  moved,
  nearestTo,
  type Places,
  pointAt,
  pointsInside,
  pointsInView,
  radiusOf,
  resized,
  revealing,
  stepTowards,
  zoomedAt,
  zoomOf,
} from './map-geometry.ts'
import { LEFT_OUT, mapPoints, missingFrom, READ, UNFAMILIAR, UNSURE } from './map-points.ts'

const cell = (id: number, changes: Partial<Cell> = {}): Cell => ({
  id,
  field: 0,
  image: null,
  xPx: 0,
  yPx: 0,
  widthPx: 10,
  heightPx: 10,
  slideX: 0,
  slideY: 0,
  score: 1,
  class: 'NGS',
  machineClass: 'NGS',
  probability: 0.9,
  alternatives: [],
  reader: null,
  unsure: false,
  unfamiliar: null,
  leftOut: null,
  revision: id,
  ...changes,
})

const places = (...at: readonly (readonly [number, number])[]): Places => ({
  count: at.length,
  x: Float32Array.from(at, ([x]) => x),
  y: Float32Array.from(at, ([, y]) => y),
})

/** A cross: the middle, then right, left, below and above it. */
const CROSS = places([0, 0], [0.5, 0], [-0.5, 0], [0, 0.5], [0, -0.5])

describe('the placement of the map', () => {
  const whole = fitted(452, 300)

  it('shows all of it in the middle', () => {
    expect(whole.scale).toBeCloseTo((300 - 52) / 2, 9)
    expect([whole.offsetX, whole.offsetY]).toEqual([226, 150])
    expect(pointsInView(CROSS, whole)).toEqual([0, 1, 2, 3, 4])
  })

  it('zooms about a place that stays where it is, within limits', () => {
    const near = zoomedAt(whole, 3, { x: 100, y: 40 })
    const before = { x: (100 - whole.offsetX) / whole.scale, y: (40 - whole.offsetY) / whole.scale }
    expect(before.x * near.scale + near.offsetX).toBeCloseTo(100, 6)
    expect(before.y * near.scale + near.offsetY).toBeCloseTo(40, 6)
    expect(zoomOf(zoomedAt(whole, 1e9, { x: 0, y: 0 }))).toBeCloseTo(80, 6)
    expect(zoomOf(zoomedAt(whole, 1e-9, { x: 0, y: 0 }))).toBeCloseTo(0.5, 6)
  })

  it('never leaves the map behind, and keeps its part in a panel of another size', () => {
    const away = moved(whole, 1e6, -1e6)
    expect(away.offsetX - away.scale).toBeLessThan(452)
    expect(away.offsetY + away.scale).toBeGreaterThan(0)
    const back = resized(resized(zoomedAt(whole, 4, { x: 9, y: 9 }), 900, 700), 452, 300)
    expect(back.scale).toBeCloseTo(4 * whole.scale, 6)
    expect(back.offsetX).toBeCloseTo(zoomedAt(whole, 4, { x: 9, y: 9 }).offsetX, 4)
  })

  it('moves to what is out of sight, and for nothing else', () => {
    const near = zoomedAt(whole, 20, { x: whole.offsetX, y: whole.offsetY })
    expect(pointsInView(CROSS, near)).toEqual([0])
    expect(pointsInView(CROSS, revealing(near, 0.5, 0))).toContain(1)
    expect(revealing(near, 0, 0)).toBe(near)
  })
})

describe('points of the map', () => {
  const whole = fitted(452, 300)

  it('are met within reach, the nearest first', () => {
    const right = { x: 0.5 * whole.scale + whole.offsetX, y: whole.offsetY }
    expect(pointAt(CROSS, whole, { x: right.x + 5, y: right.y }, 12)).toBe(1)
    expect(pointAt(CROSS, whole, { x: right.x + 15, y: right.y }, 12)).toBe(-1)
  })

  it('lie inside a line drawn round them, also one that is bent', () => {
    const at = (x: number, y: number) => ({ x: x * whole.scale + whole.offsetX, y: y * whole.scale + whole.offsetY })
    expect(pointsInside(CROSS, whole, [at(0.2, -0.2), at(0.8, -0.2), at(0.8, 0.2), at(0.2, 0.2)])).toEqual([1])
    const round = [at(-0.9, -0.9), at(0.9, -0.9), at(0.9, 0.9), at(-0.9, 0.9)]
    expect(pointsInside(CROSS, whole, round)).toEqual([0, 1, 2, 3, 4])
    // A horseshoe that goes round the middle without taking it.
    const bent = [
      at(-0.7, -0.2),
      at(0.7, -0.2),
      at(0.7, 0.7),
      at(0.3, 0.7),
      at(0.3, -0.1),
      at(-0.3, -0.1),
      at(-0.3, 0.7),
    ]
    expect(pointsInside(CROSS, whole, [...bent, at(-0.7, 0.7)])).toEqual([1, 2])
    expect(pointsInside(CROSS, whole, [at(0, 0)])).toEqual([])
  })

  it('are stepped through by direction', () => {
    expect(stepTowards(CROSS, 0, 1, 0)).toBe(1)
    expect(stepTowards(CROSS, 0, 0, -1)).toBe(4)
    expect(stepTowards(CROSS, 2, 1, 0)).toBe(0)
    expect(stepTowards(CROSS, 1, 1, 0)).toBe(-1)
  })

  it('have neighbours, nearest first, themselves before all', () => {
    const line = places([0, 0], [0.9, 0], [0.2, 0], [-0.1, 0])
    expect(nearestTo(line, 0, 2)).toEqual([0, 3, 2])
    expect(nearestTo(line, 0, 99)).toEqual([0, 3, 2, 1])
  })

  it('are drawn smaller the more there are, and larger from near', () => {
    expect(radiusOf(20_000, 1)).toBeLessThan(radiusOf(500, 1))
    expect(radiusOf(500, 9)).toBeGreaterThan(radiusOf(500, 1))
  })
})

describe('the cells of a map', () => {
  const map: CellMap = {
    runId: 1,
    model: 'm 1',
    basis: 'embedding',
    cellIds: [1, 2, 3, 4],
    x: [0, 0.1, 0.2, 0.3],
    y: [0, 0, 0, 0],
    laidOut: 4,
  }
  const book = withCells(EMPTY_BOOK, [
    cell(1),
    cell(2, { unsure: true, unfamiliar: true }),
    cell(3, { class: 'BLA', reader: 'A' }),
    cell(4, { leftOut: 'focus' }),
    cell(5),
  ])

  it('are coloured as they are labelled in the view, and marked', () => {
    const points = mapPoints(map, book, 'reviewed')
    const codes = [...points.place].map((place) => CLASS_CODES[place])
    expect(codes).toEqual(['NGS', 'NGS', 'BLA', 'NGS'])
    expect(CLASS_CODES[mapPoints(map, book, 'machine').place[2]]).toBe('NGS')
    expect([...points.marks]).toEqual([0, UNSURE | UNFAMILIAR, READ, LEFT_OUT])
  })

  it('are drawn with the rare class on top', () => {
    expect([...mapPoints(map, book, 'reviewed').order]).toEqual([0, 1, 3, 2])
  })

  it('lack those that came later', () => {
    expect(missingFrom(map, book)).toBe(1)
  })
})
