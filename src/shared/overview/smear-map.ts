import type { StageRect } from '../contract/area.ts'
import { type Judged, judge, particleDegree, relative, type Usual, usualOf } from './judge.ts'
import type { OverviewPlace } from './place.ts'

/** What a smear is expected to be like at a point between the places that were looked at. */
export interface MapPoint {
  /** Mean score of the places round it, 0-1. */
  readonly score: number
  /** Share of them that is countable, 0-1. */
  readonly countable: number
  /** Nucleated cells a mm2. */
  readonly cellsPerMm2: number
  /** Of 1, by the places round it; by index in the list of places. */
  readonly weights: readonly { readonly place: number; readonly weight: number }[]
}

export const MAP_LAYERS = ['score', 'thickness', 'cells', 'particles', 'focus'] as const
export type MapLayer = (typeof MAP_LAYERS)[number]

/** A smear by what an overview saw of it. Grows by being made anew: a few hundred places take milliseconds. */
export interface SmearMap {
  readonly places: readonly OverviewPlace[]
  readonly usual: Usual
  readonly judged: readonly Judged[]
  /** Standard deviation of the weights by which places speak for the points round them, micrometres. */
  readonly reachUm: number
  /** null: too far from every place. */
  at(xUm: number, yUm: number): MapPoint | null
}

/** A place speaks for its surroundings over about half the way to the next. */
const REACH = 0.5
/** Beyond so many standard deviations it says nothing. */
const SILENT_BEYOND = 2.2

export function smearMap(places: readonly OverviewPlace[], pitchUm: number): SmearMap {
  const usual = usualOf(places)
  const judged = places.map((place) => judge(place, usual))
  const reachUm = REACH * pitchUm
  const silentUm2 = (SILENT_BEYOND * reachUm) ** 2
  const buckets = bucketsOf(places, pitchUm)
  return {
    places,
    usual,
    judged,
    reachUm,
    at(xUm, yUm) {
      const weights: { place: number; weight: number }[] = []
      let total = 0
      for (const place of buckets.near(xUm, yUm)) {
        const { xUm: x, yUm: y } = places[place]!
        const um2 = (x - xUm) ** 2 + (y - yUm) ** 2
        if (um2 > silentUm2) continue
        const weight = Math.exp(-um2 / (2 * reachUm ** 2))
        weights.push({ place, weight })
        total += weight
      }
      if (total === 0) return null
      let [score, countable, cells] = [0, 0, 0]
      for (const each of weights) {
        each.weight /= total
        const { verdict, score: good } = judged[each.place]!
        score += each.weight * good
        countable += verdict === 'countable' ? each.weight : 0
        cells += each.weight * (places[each.place]!.spread.cellsPerMm2 ?? 0)
      }
      return { score, countable, cellsPerMm2: cells, weights }
    },
  }
}

/** Places by squares of two pitches, so that a point asks those round it only. */
function bucketsOf(places: readonly OverviewPlace[], pitchUm: number) {
  const side = 2 * pitchUm
  const key = (column: number, row: number) => `${column} ${row}`
  const buckets = new Map<string, number[]>()
  for (const [i, { xUm, yUm }] of places.entries()) {
    const at = key(Math.floor(xUm / side), Math.floor(yUm / side))
    const bucket = buckets.get(at)
    if (bucket) bucket.push(i)
    else buckets.set(at, [i])
  }
  return {
    near(xUm: number, yUm: number): number[] {
      const [column, row] = [Math.floor(xUm / side), Math.floor(yUm / side)]
      return [-1, 0, 1].flatMap((down) =>
        [-1, 0, 1].flatMap((across) => buckets.get(key(column + across, row + down)) ?? []),
      )
    },
  }
}

/**
 * What a layer of the map shows of a place, 0-1: score: how good it is to count in. thickness: 0 where red cells lie singly as in the best of
 * the smear, 1 where none does. cells: 1 at twice the usual number. particles: see `particleDegree`. focus: 1 as sharp as usual. null: the
 * place does not tell.
 */
export function layerValue(map: SmearMap, place: number, layer: MapLayer): number | null {
  const { usual, judged, places } = map
  const { spread, sharpness } = places[place]!
  const { verdict, score } = judged[place]!
  const clamped = (value: number | null) => (value === null ? null : Math.min(1, Math.max(0, value)))
  switch (layer) {
    case 'score':
      return score
    case 'thickness': {
      if (verdict === 'empty') return null
      const single = relative(spread.singleShare, usual.singleShare)
      return clamped(single === null ? null : 1 - single)
    }
    case 'cells': {
      const cells = relative(spread.cellsPerMm2, usual.cellsPerMm2)
      return clamped(cells === null ? null : cells / 2)
    }
    case 'particles':
      return verdict === 'empty' ? null : particleDegree(places[place]!, usual)
    case 'focus':
      return verdict === 'empty' ? null : clamped(relative(sharpness, usual.sharpness))
  }
}

export function overlaps(a: StageRect, b: StageRect): boolean {
  return (
    a.xUm < b.xUm + b.widthUm && b.xUm < a.xUm + a.widthUm && a.yUm < b.yUm + b.heightUm && b.yUm < a.yUm + a.heightUm
  )
}
