import type { StageRect } from '../contract/area.ts'
import type { AreaExpectation, Estimate } from './expect.ts'
import { relative, type Verdict } from './judge.ts'
import type { MapLayer, SmearMap } from './smear-map.ts'
import { overlaps } from './smear-map.ts'

export const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  countable: 'countable',
  thick: 'too thick: red cells overlap',
  particle: 'particle: cells clump',
  sparse: 'few cells',
  blurred: 'out of focus',
  empty: 'bare glass',
}

export const LAYER_WORDS: Readonly<
  Record<MapLayer, { readonly name: string; readonly low: string; readonly high: string }>
> = {
  score: { name: 'Countable', low: 'not', high: 'well' },
  thickness: { name: 'Thickness', low: 'red cells singly', high: 'red cells overlap' },
  cells: { name: 'Cellularity', low: 'none', high: 'twice the usual' },
  particles: { name: 'Particles', low: 'none', high: 'particle' },
  focus: { name: 'Focus', low: 'blurred', high: 'sharp' },
}

const percent = (share: number): string => `${Math.round(100 * share)} %`

/** Why an area is as good as it is, a short sentence each, the most important first. */
export function areaReasons(map: SmearMap, rects: readonly StageRect[], expectation: AreaExpectation | null): string[] {
  if (!expectation) return ['Nothing was looked at here.']
  const inside = [...map.places.keys()].filter((i) => {
    const { xUm, yUm } = map.places[i]!
    const round = {
      xUm: xUm - map.reachUm / 2,
      yUm: yUm - map.reachUm / 2,
      widthUm: map.reachUm,
      heightUm: map.reachUm,
    }
    return rects.some((rect) => overlaps(rect, round))
  })
  if (inside.length === 0) return ['No place was looked at inside; what is said comes from its surroundings.']
  const { usual } = map
  const mean = (of: (place: number) => number | null): number | null => {
    const values = inside.map(of).filter((value) => value !== null)
    return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
  }
  const reasons: string[] = []
  const single = mean((i) => map.places[i]!.spread.singleShare)
  const singleness = relative(single, usual.singleShare)
  if (single !== null && singleness !== null) {
    const where =
      singleness > 0.8
        ? 'about as many as anywhere on this smear'
        : `${percent(singleness)} of what the thinnest part has`
    reasons.push(`${percent(single)} of the red cells lie singly, ${where}.`)
  }
  const cells = relative(expectation.cellsPerMm2, usual.cellsPerMm2)
  if (cells !== null) {
    const than = cells > 1.2 ? 'more than usual' : cells < 0.8 ? 'fewer than usual' : 'as usual'
    reasons.push(`${Math.round(expectation.cellsPerMm2)} nucleated cells a mm², ${than} here.`)
  }
  for (const [verdict, words] of [
    ['thick', 'is too thick'],
    ['particle', 'shows a particle'],
    ['sparse', 'has few cells'],
    ['blurred', 'is out of focus'],
    ['empty', 'is bare glass'],
  ] as const) {
    const count = inside.filter((i) => map.judged[i]!.verdict === verdict).length
    if (count > 0) reasons.push(`${count} of ${inside.length} places looked at ${words}.`)
  }
  if (inside.every((i) => map.judged[i]!.verdict === 'countable'))
    reasons.push(
      inside.length === 1
        ? 'The place looked at is countable: no particle, in focus.'
        : `All ${inside.length} places looked at are countable: no particle, in focus.`,
    )
  if (rects.length > 1) reasons.push('No single rectangle is as good.')
  return reasons
}

/** "27 fields (22-34) for 500 cells, about 40 s (30-55 s)." */
export function expectationWords(expectation: AreaExpectation, targetCells: number | null): string {
  const { fields, fieldsToTarget, cells, seconds } = expectation
  const time = seconds ? `, about ${secondsRange(seconds)}` : ''
  if (targetCells === null) return `${fields} fields, about ${Math.round(cells.expected)} cells${time}.`
  if (!fieldsToTarget)
    return `${fields} fields hold about ${Math.round(cells.expected)} counted cells, fewer than ${targetCells}.`
  return `${range(fieldsToTarget, fields)} for ${targetCells} cells${time}.`
}

function range({ expected, low, high }: Estimate, most: number): string {
  return high === null
    ? `${expected} fields (${low} or more; the area has ${most})`
    : `${expected} fields (${low}-${high})`
}

function secondsRange({ expected, low, high }: Estimate): string {
  if (high === null) return `${duration(expected)} (${duration(low)} or more)`
  const [from, to] = [duration(low), duration(high)]
  const sameUnit = from.endsWith(' s') === to.endsWith(' s')
  return `${duration(expected)} (${sameUnit ? from.replace(/ .*/, '') : from}-${to})`
}

/** Whole seconds up to two minutes, then minutes. */
export function duration(seconds: number): string {
  return seconds < 120 ? `${Math.max(1, Math.round(seconds))} s` : `${Math.round(seconds / 60)} min`
}
