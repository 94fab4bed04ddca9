import type { FieldQuality, RunFlag } from '../contract/quality.ts'

/** What may drift: a logarithm of something each field shows; null: this one does not. */
interface Watched {
  readonly kind: RunFlag['kind']
  readonly of: (quality: FieldQuality) => number | null
  /** A change worth knowing, and the least that fields scatter by: natural logarithms. */
  readonly change: number
  readonly leastScatter: number
  readonly words: (share: number) => string
}

const percent = (share: number) => `${Math.abs(100 * share).toFixed(0)} %`

const WATCHED: readonly Watched[] = [
  {
    kind: 'light',
    of: ({ glass }) => Math.log(Math.max(1, glass.green)),
    change: 0.06,
    leastScatter: 0.012,
    words: (share) => `The light is ${percent(share)} ${share < 0 ? 'weaker' : 'stronger'} than in the first fields`,
  },
  {
    kind: 'light-colour',
    of: ({ glass }) => Math.log(Math.max(1, glass.red) / Math.max(1, glass.blue)),
    change: 0.06,
    leastScatter: 0.012,
    words: (share) => `The light is ${percent(share)} ${share < 0 ? 'bluer' : 'redder'} than in the first fields`,
  },
  {
    kind: 'stain-nuclei',
    of: ({ nuclearDensity }) => nuclearDensity && Math.log(nuclearDensity),
    change: 0.25,
    leastScatter: 0.07,
    words: (share) => `Nuclei are stained ${percent(share)} ${share < 0 ? 'less' : 'more'} than in the first fields`,
  },
  {
    kind: 'stain-film',
    of: ({ filmDensity }) => filmDensity && Math.log(filmDensity),
    change: 0.25,
    leastScatter: 0.07,
    words: (share) =>
      `Red cells and film are ${percent(share)} ${share < 0 ? 'paler' : 'denser'} than in the first fields`,
  },
]

/** So many fields say what is usual. */
const FIRST_FIELDS = 15
/**
 * Sums of log-likelihood ratios have to reach this: while nothing drifts and fields are independent, that takes 100,000 fields or more on average, on
 * either side (Lorden 1971, Ann. Math. Stat. 42:1897); fields that lie together are not quite, and the first ones not quite the usual.
 */
const ALARM = Math.log(100_000)
/** A single field counts as no more than this many standard deviations: one odd field is no drift. */
const MOST_OFF = 3

interface Series {
  readonly first: number[]
  middle: number
  scatter: number
  up: number
  down: number
  raised: boolean
}

/**
 * Whether stain or light change in the course of a run: Page's cumulative sums (1954, Biometrika 41:100) of how much better each field fits a changed
 * level than that of the first ones. By the fields that count, in the order of their commit; each kind is told once.
 */
export class DriftWatch {
  readonly #series = WATCHED.map((): Series => ({ first: [], middle: 0, scatter: 0, up: 0, down: 0, raised: false }))

  /** The next field that counts. @returns what is to be told from here on. */
  add(quality: FieldQuality, field: number): RunFlag[] {
    return WATCHED.flatMap((watched, k) => {
      const value = watched.of(quality)
      const series = this.#series[k]
      if (value === null || series.raised) return []
      if (series.first.length < FIRST_FIELDS) {
        series.first.push(value)
        if (series.first.length === FIRST_FIELDS) settle(series, watched.leastScatter)
        return []
      }
      const { middle, scatter } = series
      const off = Math.max(-MOST_OFF, Math.min(MOST_OFF, (value - middle) / scatter))
      const change = watched.change / scatter
      series.up = Math.max(0, series.up + change * (off - change / 2))
      series.down = Math.max(0, series.down + change * (-off - change / 2))
      if (Math.max(series.up, series.down) < ALARM) return []
      series.raised = true
      return [{ kind: watched.kind, field, words: `${watched.words(Math.expm1(value - middle))}.` }]
    })
  }
}

function settle(series: Series, leastScatter: number): void {
  const middle = medianOf(series.first)
  const spread = 1.4826 * medianOf(series.first.map((value) => Math.abs(value - middle)))
  series.middle = middle
  series.scatter = Math.max(leastScatter, spread)
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
}
