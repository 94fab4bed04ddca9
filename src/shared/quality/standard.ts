import type { FieldQuality } from '../contract/quality.ts'
import { judgeField, type QualityStandard } from './judge.ts'

/** Where a run's fields come from: one slide under one objective, or images of any origin. */
export type FieldOrigin = 'one-slide' | 'any-images'

/** So many of a run's first good fields make its standard, which then stays. */
const FIRST_FIELDS = 15
/** Fewer say nothing yet. */
const FEWEST = 5
/** Of the first fields' edge widths: some of them lie a little off the focus. */
const SHARP_SHARE = 0.25
/**
 * Blur that passes, micrometres. On one slide less than an oil objective resolves (0.26 um: 0.61 wavelengths over an aperture of 1.3), which
 * takes little from what can be seen. Images of any origin differ by more than that among themselves: 364 blood fields of one set by 0.27.
 */
const MOST_BLUR_UM: Readonly<Record<FieldOrigin, number>> = { 'one-slide': 0.19, 'any-images': 0.35 }

/**
 * What a run's own first fields show: the sharpest edges, and how they are stained. Grows with each committed field until it is settled, so it
 * depends on the fields in the order of their commit alone, and a resumed run has the same.
 */
export class RunStandard {
  readonly #promisedUm: number | null
  readonly #first: FieldQuality[] = []
  #standard: QualityStandard

  /** @param promisedUm how wide edges were where the slide was focused before the run; null: not known. */
  constructor(origin: FieldOrigin, promisedUm: number | null = null) {
    this.#promisedUm = promisedUm
    const mostBlurUm = MOST_BLUR_UM[origin]
    this.#standard = { sharpUm: promisedUm, mostBlurUm, filmDensity: null, nuclearDensity: null }
  }

  get standard(): QualityStandard {
    return this.#standard
  }

  /** The next field that is committed; null: it was not measured. */
  add(quality: FieldQuality | null): void {
    if (quality === null || this.#first.length >= FIRST_FIELDS || judgeField(quality, this.#standard)) return
    this.#first.push(quality)
    if (this.#first.length >= FEWEST) this.#standard = this.#measured()
  }

  #measured(): QualityStandard {
    const widths = sorted(this.#first.map(({ edgeWidthUm }) => edgeWidthUm))
    return {
      ...this.#standard,
      sharpUm: this.#promisedUm ?? quantile(widths, SHARP_SHARE),
      filmDensity: quantile(sorted(this.#first.map(({ filmDensity }) => filmDensity)), 0.5),
      nuclearDensity: quantile(sorted(this.#first.map(({ nuclearDensity }) => nuclearDensity)), 0.5),
    }
  }
}

function sorted(values: readonly (number | null)[]): number[] {
  return values.filter((value) => value !== null).sort((a, b) => a - b)
}

/** null: nothing to take it of. */
function quantile(values: readonly number[], share: number): number | null {
  return values.length === 0 ? null : values[Math.min(values.length - 1, Math.floor(share * values.length))]
}
