import type { ScanClock } from './scan-clock.ts'

/** Fewer commits say more of chance than of pace: fields that are looked at side by side come together. */
const FEWEST_COMMITS = 4

/**
 * How fast fields come in one stretch of a run. From the first commit on: what goes before it (focus at nine places) comes once, and would
 * make every field seem to take as long.
 */
export class CommitPace {
  readonly #clock: Pick<ScanClock, 'activeMs'>
  #firstMs = 0
  #lastMs = 0
  #commits = 0

  constructor(clock: Pick<ScanClock, 'activeMs'>) {
    this.#clock = clock
  }

  committed(): void {
    this.#lastMs = this.#clock.activeMs
    if (this.#commits++ === 0) this.#firstMs = this.#lastMs
  }

  /** Scanning time from one commit to the next, the mean, ms; null: too few to tell. */
  get msPerField(): number | null {
    return this.#commits < FEWEST_COMMITS ? null : (this.#lastMs - this.#firstMs) / (this.#commits - 1)
  }

  /** Scanning time since the newest commit, ms. */
  get sinceLastMs(): number {
    return this.#commits === 0 ? 0 : this.#clock.activeMs - this.#lastMs
  }
}
