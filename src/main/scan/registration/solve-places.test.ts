import { describe, expect, it } from 'vitest'
import { hash, Random } from '../../microscope/simulator/random.ts'
import { SimulatedStage } from '../../microscope/simulator/simulated-stage.ts'
import { WORN_MECHANICS } from '../../microscope/simulator/simulated-stage-options.ts'
import { LeastSquares } from './least-squares.ts'
import { type PlaceEdge, type StagePlace, solvePlaces } from './solve-places.ts'
import { stageErrorAt } from './stage-error-model.ts'

const PIXEL_SIZE_UM = 0.092
const [COLUMNS, ROWS] = [20, 20]

interface Grid {
  readonly stage: readonly StagePlace[]
  readonly truth: readonly StagePlace[]
  readonly edges: readonly PlaceEdge[]
}

/** A worn stage's fields and what images would say of them: `empty` of all pairs say nothing, `wrong` of the others anything. */
function grid(seed: number, { scatterUm = 0.1, empty = 0, wrong = 0 }): Grid {
  const limits = { minUm: 0, maxUm: 20_000 }
  const mechanics = { ...WORN_MECHANICS, scatterUm }
  const worn = new SimulatedStage({ seed, ...mechanics, limits: { x: limits, y: limits, z: limits }, retractedZUm: 0 })
  const random = new Random(hash(seed, 77))
  const px = ({ xUm, yUm }: { xUm: number; yUm: number }): StagePlace => ({
    xPx: xUm / PIXEL_SIZE_UM,
    yPx: yUm / PIXEL_SIZE_UM,
  })
  const targets = Array.from({ length: COLUMNS * ROWS }, (_, i) => ({
    xUm: 7400 + 162.4 * (i % COLUMNS),
    yUm: 3800 + 115.3 * Math.floor(i / COLUMNS),
  }))
  const stage = targets.map(px)
  const truth = targets.map((target) => px(worn.truePlaceOf(target)))
  const edges: PlaceEdge[] = []
  const compare = (from: number, to: number): void => {
    if (random.chance(empty)) return
    const off = random.chance(wrong) ? 60 : 0
    const measured = (axis: 'xPx' | 'yPx') =>
      truth[to]![axis] - truth[from]![axis] + 0.1 * random.normal() + random.range(-off, off)
    edges.push({ from, to, offset: { xPx: measured('xPx'), yPx: measured('yPx') }, errorPx: 0.2 })
  }
  for (let i = 0; i < COLUMNS * ROWS; i++) {
    if ((i + 1) % COLUMNS !== 0) compare(i, i + 1)
    if (i + COLUMNS < COLUMNS * ROWS) compare(i, i + COLUMNS)
  }
  return { stage, truth, edges }
}

/** Distances to the truth, ascending, once the shift that all have in common is taken off. */
function misses(places: readonly StagePlace[], truth: readonly StagePlace[]): number[] {
  const off = (axis: 'xPx' | 'yPx') => places.map((place, i) => place[axis] - truth[i]![axis])
  const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!
  const [x, y] = [off('xPx'), off('yPx')]
  const [mx, my] = [median(x), median(y)]
  return x.map((each, i) => Math.hypot(each - mx, y[i]! - my)).sort((a, b) => a - b)
}

const at = (sorted: readonly number[], share: number): number => sorted[Math.floor(share * (sorted.length - 1))]!

describe('places of a worn stage, solved', () => {
  it('are right to parts of a pixel where images tell, and where one in a hundred of them lies', () => {
    for (const seed of [1, 2, 3]) {
      const { stage, truth, edges } = grid(seed, { wrong: 0.01 })
      expect(at(misses(stage, truth), 0.5)).toBeGreaterThan(30)
      const solved = misses(solvePlaces(stage, edges, PIXEL_SIZE_UM).places, truth)
      expect(at(solved, 0.5), `seed ${seed}`).toBeLessThan(0.3)
      expect(at(solved, 0.98), `seed ${seed}`).toBeLessThan(1)
    }
  })

  it('are right to a pixel where half of the pairs say nothing: the stage is understood from the others', () => {
    for (const seed of [1, 2, 3]) {
      const { stage, truth, edges } = grid(seed, { empty: 0.5, wrong: 0.002 })
      const { places, model } = solvePlaces(stage, edges, PIXEL_SIZE_UM)
      const solved = misses(places, truth)
      expect(at(solved, 0.5), `seed ${seed}`).toBeLessThan(1)
      expect(at(solved, 0.99), `seed ${seed}`).toBeLessThan(3.5)
      expect(model.scatterPx * PIXEL_SIZE_UM).toBeGreaterThan(0.05)
      expect(model.scatterPx * PIXEL_SIZE_UM).toBeLessThan(0.2)
    }
  })

  it('are the same each time, and where the stage says while nothing else is known', () => {
    const { stage, edges } = grid(4, { empty: 0.5 })
    expect(solvePlaces(stage, edges, PIXEL_SIZE_UM)).toEqual(solvePlaces(stage, edges, PIXEL_SIZE_UM))
    expect(solvePlaces(stage, [], PIXEL_SIZE_UM).places).toEqual(stage)
    expect(solvePlaces([], [], PIXEL_SIZE_UM).places).toEqual([])
    expect(solvePlaces(stage.slice(0, 1), [], PIXEL_SIZE_UM).places).toEqual(stage.slice(0, 1))
  })
})

it('the error of the stage is told at a place nobody was at, from its column and its row', () => {
  const { stage, truth, edges } = grid(5, {})
  const hidden = 7 * COLUMNS + 11
  const [left, right] = [stage.filter((_, i) => i !== hidden), truth.filter((_, i) => i !== hidden)]
  const shown = (i: number) => (i > hidden ? i - 1 : i)
  const others = edges
    .filter((edge) => edge.from !== hidden && edge.to !== hidden)
    .map((edge) => ({ ...edge, from: shown(edge.from), to: shown(edge.to) }))
  const { places, model } = solvePlaces(left, others, PIXEL_SIZE_UM)
  const told = stageErrorAt(model, stage[hidden]!, PIXEL_SIZE_UM)!
  // All places have a shift in common that nothing can tell.
  const shift = (axis: 'xPx' | 'yPx') => places[0]![axis] - right[0]![axis]
  expect(Math.abs(stage[hidden]!.xPx + told.xPx - truth[hidden]!.xPx - shift('xPx'))).toBeLessThan(5)
  expect(Math.abs(stage[hidden]!.yPx + told.yPx - truth[hidden]!.yPx - shift('yPx'))).toBeLessThan(5)
  const beyond = { xPx: stage[0]!.xPx - 5000, yPx: stage[0]!.yPx }
  expect(stageErrorAt(model, beyond, PIXEL_SIZE_UM)).toBeNull()
})

it('least squares agree with the normal equations solved by hand, and leave alone what no row names', () => {
  const rows = new LeastSquares(3)
  rows.add([[0, 1]], 1, 1)
  rows.add([[1, 1]], 4, 1)
  const tie = rows.add(
    [
      [1, 1],
      [0, -1],
    ],
    0,
    1,
  )
  // x0 - 1 = x1 - x0, x1 - 4 = x0 - x1.
  const found = rows.solve(Float64Array.of(0, 0, 7))
  expect(found[0]).toBeCloseTo(2, 9)
  expect(found[1]).toBeCloseTo(3, 9)
  expect(found[2]).toBe(7)
  rows.setWeight(tie, 0)
  expect(rows.solve(found)[0]).toBeCloseTo(1, 9)
})
