/** Steps in time that the usual one is judged by. */
const STEPS = 20
/** Stamps jitter: a camera is no faster than the rate it was asked for, beyond this share. */
const QUICKEST = 0.9
/** A step shorter than this share of the usual one: the frame was stamped late, or the one before was. */
const SHORT = 0.6
/** Frames that may still turn out to be only late, beyond as many as are missing. */
const PATIENCE = 3

/**
 * Counts exposures that never arrived, by the time stamps of those that did: a step that is a multiple of the usual one says that frames
 * are missing, unless the next ones follow so closely that they were only late. The usual step is the shortest of the last ones: cameras
 * slow down by themselves in the dark, and where most frames are lost, most steps are too long.
 */
export class FrameGaps {
  readonly #quickestMs: number
  readonly #stepsMs: number[] = []
  /** Gaps that may still turn out to be frames that were only late, and how many frames that is waited for. */
  readonly #gaps: { missing: number; patience: number }[] = []
  #lost = 0

  /** @param periodMs from one exposure to the next, as the camera was asked for. */
  constructor(periodMs: number) {
    this.#quickestMs = QUICKEST * periodMs
  }

  /** Frames lost so far. */
  get lost(): number {
    return this.#lost
  }

  /** Usual time from one exposure to the next; null: fewer than three steps are known. */
  get usualMs(): number | null {
    if (this.#stepsMs.length < 3) return null
    return Math.max(this.#quickestMs, Math.min(...this.#stepsMs))
  }

  /** @param stepMs from the frame before to this one. @returns frames that are now known to be lost. */
  step(stepMs: number): number {
    const usualMs = this.usualMs
    this.#stepsMs.push(stepMs)
    if (this.#stepsMs.length > STEPS) this.#stepsMs.shift()
    if (usualMs === null) return 0
    if (stepMs < SHORT * usualMs && this.#gaps.length > 0) this.#gaps[0].missing--
    const missing = Math.max(0, Math.round(stepMs / usualMs) - 1)
    if (missing > 0) this.#gaps.push({ missing, patience: missing + PATIENCE })
    let lost = 0
    for (const gap of this.#gaps) gap.patience--
    while (this.#gaps.length > 0 && (this.#gaps[0].patience <= 0 || this.#gaps[0].missing === 0)) {
      lost += this.#gaps.shift()?.missing ?? 0
    }
    this.#lost += lost
    return lost
  }
}
