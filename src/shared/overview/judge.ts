import type { OverviewPlace } from './place.ts'

/**
 * Why a place is countable or is not. empty: bare glass. blurred: not in focus. particle: cells clump as in a marrow particle. thick: red
 * cells lie over one another. sparse: few nucleated cells. countable: none of these.
 */
export const VERDICTS = ['countable', 'thick', 'particle', 'sparse', 'blurred', 'empty'] as const
export type Verdict = (typeof VERDICTS)[number]

/**
 * What is usual on one smear. Places are judged against it, so that nothing is set for how one laboratory stains or spreads: on a thick
 * smear the thinnest part is the countable one. null: no place tells.
 */
export interface Usual {
  /** Share of red cells that lie singly where they do so most: 24 in 25 places have less. */
  readonly singleShare: number | null
  /** Nucleated cells a mm2, and the share of the field they cover: half of the places with cells have less. */
  readonly cellsPerMm2: number | null
  readonly cellShare: number | null
  /** Three in four places have less. */
  readonly sharpness: number | null
  /** Brightness of clear glass: that of the brightest ground. */
  readonly clearLevel: number | null
}

export interface Judged {
  readonly verdict: Verdict
  /** How good a place is to count in, 0-1; 0 unless it is countable. */
  readonly score: number
}

/** Less of the field than this is stained: bare glass with dust. */
const EMPTY_SHARE = 0.03
/** Of the usual sharpness: half a micrometre out of focus leaves about 0.7 of it, a whole one 0.5. */
const BLURRED = 0.55
/** Times the usual share of the field under cells, most of them touching: a particle. */
const PARTICLE = 2
const CLUMPED = 0.5
/** Of the usual share of single red cells. */
const THICK = 0.45
/** Of the usual number of cells. */
const SPARSE = 0.35
/** Fewer places tell nothing about a smear. */
const FEWEST = 3

export function usualOf(places: readonly OverviewPlace[]): Usual {
  const stained = places.filter((place) => !isEmpty(place))
  const all = (of: (place: OverviewPlace) => number | null, from = stained) =>
    from.map(of).filter((value) => value !== null)
  return {
    singleShare: quantile(
      all(({ spread }) => spread.singleShare),
      0.96,
    ),
    cellsPerMm2: quantile(
      all(({ spread }) => (spread.cells > 0 ? spread.cellsPerMm2 : null)),
      0.5,
    ),
    cellShare: quantile(
      all(({ spread }) => (spread.cells > 0 ? spread.cellShare : null)),
      0.5,
    ),
    sharpness: quantile(
      all(({ sharpness }) => sharpness),
      0.75,
    ),
    clearLevel: quantile(
      all(({ spread }) => spread.groundLevel, [...places]),
      0.98,
    ),
  }
}

export function judge(place: OverviewPlace, usual: Usual): Judged {
  const verdict = verdictOf(place, usual)
  return { verdict, score: verdict === 'countable' ? scoreOf(place, usual) : 0 }
}

function verdictOf(place: OverviewPlace, usual: Usual): Verdict {
  const { spread } = place
  if (isEmpty(place)) return 'empty'
  const sharp = relative(place.sharpness, usual.sharpness)
  if (sharp !== null && sharp < BLURRED) return 'blurred'
  if (isClump(place, usual)) return 'particle'
  const single = relative(spread.singleShare, usual.singleShare)
  if (single !== null && single < THICK) return 'thick'
  const cells = relative(spread.cellsPerMm2, usual.cellsPerMm2)
  return cells !== null && cells < SPARSE ? 'sparse' : 'countable'
}

/** Best where red cells lie singly, cells are many but apart, and the image is sharp. What is not known counts as half good. */
function scoreOf(place: OverviewPlace, usual: Usual): number {
  const { spread, sharpness } = place
  const single = ramp(relative(spread.singleShare, usual.singleShare), THICK - 0.1, 0.9)
  const cells = ramp(relative(spread.cellsPerMm2, usual.cellsPerMm2), 0, 1)
  const sharp = ramp(relative(sharpness, usual.sharpness), BLURRED - 0.1, 0.9)
  return single * (0.3 + 0.7 * cells) * sharp * (1 - 0.5 * (spread.touchingShare ?? 0))
}

/** How much of a particle a place shows, 0-1: cells far more than usual, and clumped. */
export function particleDegree({ spread }: OverviewPlace, usual: Usual): number {
  const more = ramp(relative(spread.cellShare, usual.cellShare), 1, 1 + 2 * (PARTICLE - 1))
  return more * ramp(spread.touchingShare, 0, 2 * CLUMPED)
}

function isClump({ spread }: OverviewPlace, usual: Usual): boolean {
  const more = relative(spread.cellShare, usual.cellShare)
  return more !== null && more > PARTICLE && (spread.touchingShare ?? 0) > CLUMPED
}

function isEmpty({ spread }: OverviewPlace): boolean {
  return spread.redShare + spread.cellShare < EMPTY_SHARE
}

/** null: one of the two is not known. */
export function relative(value: number | null, usual: number | null): number | null {
  return value === null || usual === null || usual === 0 ? null : value / usual
}

/** 0 up to `low`, 1 from `high` on, straight between. */
function ramp(value: number | null, low: number, high: number): number {
  return value === null ? 0.5 : Math.min(1, Math.max(0, (value - low) / (high - low)))
}

function quantile(values: readonly number[], share: number): number | null {
  if (values.length < FEWEST) return null
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!
}
