import { z } from 'zod'
import type { StageRect } from '../contract/area.ts'
import { overlaps, type SmearMap } from './smear-map.ts'

/** What one field counts, micrometres: fields side by side tile an area by it. */
export interface FieldStep {
  readonly widthUm: number
  readonly heightUm: number
}

/** Of the nucleated cells that are found, those that count: smudges, debris and unnamed cells do not. */
export interface CountedShare {
  readonly share: number
  /** Standard deviation of what it is from smear to smear. */
  readonly error: number
}

/** On simulated smears of six kinds .92 to .95; real ones have been seen from .85 on. */
export const USUAL_COUNTED: CountedShare = { share: 0.93, error: 0.035 }

/** How fast fields come. */
export interface FieldPace {
  readonly secondsPerField: number
  /** Relative standard deviation of that from one run to the next. */
  readonly error: number
  /** Once a run, however many fields it has: focus before the first, what comes after the last. */
  readonly onceSeconds: number
  /** runs: earlier runs of this microscope. overview: how long the overview's own places took. */
  readonly from: 'runs' | 'overview'
}

const estimate = z.object({
  /** Most likely, and the limits it lies within nine times in ten. `high` null: perhaps never. */
  expected: z.number(),
  low: z.number(),
  high: z.number().nullable(),
})
export type Estimate = z.infer<typeof estimate>

export const areaExpectation = z.object({
  /** In the area. */
  fields: z.number().int(),
  /** Of them, that may be counted: neither thick nor particle nor out of focus; 0-1. */
  countableShare: z.number(),
  cellsPerMm2: z.number(),
  /** Counted cells in the whole area. */
  cells: estimate,
  /** Fields until the target is counted; null: no target, or the area is not expected to hold so many. */
  fieldsToTarget: estimate.nullable(),
  /** The time that takes, or the whole area without a target; null: pace not known. */
  seconds: estimate.nullable(),
})
export type AreaExpectation = z.infer<typeof areaExpectation>

export interface Expecting {
  readonly rects: readonly StageRect[]
  readonly excluded: readonly StageRect[]
  readonly step: FieldStep
  /** null: the whole area. */
  readonly targetCells: number | null
  readonly counted: CountedShare
  readonly pace: FieldPace | null
}

/** Limits that hold nine times in ten: standard deviations either way. */
const NINE_IN_TEN = 1.645
/** Fields that are left out of the count for what an overview cannot see. */
const LEFT_OUT = 0.02

/**
 * What a run over an area will find. The number of cells a field is the map's; how far it may be off follows from how many places speak for
 * the area and how much their counts scatter beyond chance, from the smears' differing shares of cells that count, and from the chance of
 * the count itself. null: no place speaks for the area, or nothing of it is left.
 */
export function expectArea(map: SmearMap, asked: Expecting): AreaExpectation | null {
  const fields = fieldsOf(asked)
  let [known, countable, density] = [0, 0, 0]
  const spoken = new Map<number, number>()
  for (const { xUm, yUm } of fields) {
    const point = map.at(xUm, yUm)
    if (!point) continue
    known++
    countable += point.countable
    density += point.cellsPerMm2
    for (const { place, weight } of point.weights) spoken.set(place, (spoken.get(place) ?? 0) + weight)
  }
  if (known === 0) return null
  const countableShare = countable / known
  const cellsPerMm2 = density / known
  const fieldMm2 = asked.step.widthUm * asked.step.heightUm * 1e-6
  const perField = cellsPerMm2 * fieldMm2 * asked.counted.share * countableShare * (1 - LEFT_OUT)
  const off = relativeError(map, [...spoken.values()], known, cellsPerMm2 * fieldMm2, asked.counted)
  const scatter = scatterOf(map)
  const inArea = around(
    perField * fields.length,
    Math.hypot(off, Math.sqrt(scatter / Math.max(1, perField * fields.length))),
  )
  const fieldsToTarget = toTarget(asked.targetCells, perField, off, scatter, fields.length, inArea)
  return {
    fields: fields.length,
    countableShare,
    cellsPerMm2,
    cells: inArea,
    fieldsToTarget,
    seconds: secondsFor(fieldsToTarget ?? whole(asked.targetCells, fields.length), asked.pace),
  }
}

/** Fields that tile the rectangles, each once, without those that reach into an excluded one. */
export function fieldsOf({
  rects,
  excluded,
  step,
}: Pick<Expecting, 'rects' | 'excluded' | 'step'>): { xUm: number; yUm: number }[] {
  const fields: { xUm: number; yUm: number }[] = []
  const done: StageRect[] = []
  for (const rect of rects) {
    const columns = Math.max(1, Math.ceil(rect.widthUm / step.widthUm - 1e-6))
    const rows = Math.max(1, Math.ceil(rect.heightUm / step.heightUm - 1e-6))
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const field = { xUm: rect.xUm + column * step.widthUm, yUm: rect.yUm + row * step.heightUm, ...step }
        const middle = { xUm: field.xUm + step.widthUm / 2, yUm: field.yUm + step.heightUm / 2 }
        if (excluded.some((other) => overlaps(field, other)) || done.some((other) => holds(other, middle))) continue
        fields.push(middle)
      }
    }
    done.push(rect)
  }
  return fields
}

const holds = (rect: StageRect, { xUm, yUm }: { xUm: number; yUm: number }): boolean =>
  xUm >= rect.xUm && yUm >= rect.yUm && xUm < rect.xUm + rect.widthUm && yUm < rect.yUm + rect.heightUm

function toTarget(
  targetCells: number | null,
  perField: number,
  off: number,
  scatter: number,
  fields: number,
  inArea: Estimate,
): Estimate | null {
  if (targetCells === null || perField <= 0 || (inArea.high ?? 0) < targetCells) return null
  const expected = targetCells / perField
  const error = NINE_IN_TEN * Math.hypot(off, Math.sqrt(scatter / targetCells))
  const high = error >= 0.95 ? null : Math.ceil(expected / (1 - error))
  return {
    expected: Math.ceil(expected),
    low: Math.max(1, Math.floor(expected / (1 + error))),
    // The target may lie beyond the area's end.
    high: high === null || high > fields ? null : high,
  }
}

const whole = (targetCells: number | null, fields: number): Estimate | null =>
  targetCells === null ? { expected: fields, low: fields, high: fields } : null

function secondsFor(fields: Estimate | null, pace: FieldPace | null): Estimate | null {
  if (!fields || !pace) return null
  const { secondsPerField, error, onceSeconds } = pace
  const slack = NINE_IN_TEN * error
  return {
    expected: onceSeconds + fields.expected * secondsPerField,
    low: onceSeconds * (1 - slack / 2) + (fields.low * secondsPerField) / (1 + slack),
    high: fields.high === null ? null : onceSeconds * (1 + slack / 2) + fields.high * secondsPerField * (1 + slack),
  }
}

/** Of the expected number of cells a field: standard deviation over mean. */
function relativeError(
  map: SmearMap,
  spoken: readonly number[],
  fields: number,
  cellsPerField: number,
  counted: CountedShare,
): number {
  // As if so many places of equal weight spoke for the area.
  const places = 1 / spoken.reduce((sum, weight) => sum + (weight / fields) ** 2, 0)
  const ofPlaces = Math.sqrt(scatterOf(map) / Math.max(1, cellsPerField * places))
  return Math.hypot(ofPlaces, counted.error / counted.share)
}

/**
 * How much more the numbers of cells in countable fields scatter round what their neighbours say than by chance alone (variance over that of a
 * Poisson number); at least 1. Few places: as on simulated smears.
 */
function scatterOf(map: SmearMap): number {
  const known = scatters.get(map)
  if (known !== undefined) return known
  const ratios: number[] = []
  for (const [i, place] of map.places.entries()) {
    if (map.judged[i]!.verdict !== 'countable') continue
    const point = map.at(place.xUm, place.yUm)
    if (!point) continue
    const own = point.weights.find((each) => each.place === i)?.weight ?? 0
    if (own > 0.8 || place.spread.cellsPerMm2 === null || place.spread.cells === 0) continue
    const others = (point.cellsPerMm2 - own * place.spread.cellsPerMm2) / (1 - own)
    const mm2 = place.spread.cells / place.spread.cellsPerMm2
    const squares = point.weights.reduce(
      (sum, each) => sum + (each.place === i ? 0 : (each.weight / (1 - own)) ** 2),
      0,
    )
    if (others > 0) ratios.push((place.spread.cells - others * mm2) ** 2 / (others * mm2) / (1 + squares))
  }
  const scatter =
    ratios.length < FEW_PLACES
      ? USUAL_SCATTER
      : Math.max(1, ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length)
  scatters.set(map, scatter)
  return scatter
}

const scatters = new WeakMap<SmearMap, number>()
const FEW_PLACES = 10
const USUAL_SCATTER = 2

function around(expected: number, error: number): Estimate {
  const reach = NINE_IN_TEN * error
  return { expected, low: Math.max(0, expected * (1 - reach)), high: expected * (1 + reach) }
}
