/** Steps in time that the usual one is judged by. */
const STEPS = 15
/** A step shorter than this share of the usual one: the frame was stamped late, or the one before was. */
const SHORT = 0.6
/** Frames that may still turn out to be only late, beyond as many as are missing. */
const PATIENCE = 3

/**
 * Counts exposures that never arrived, by the time stamps of those that did: a step that is a multiple of the usual one says that frames
 * are missing, unless the next ones follow so closely that they were only late. The usual step is the median of the last ones, since
 * cameras slow down by themselves in the dark.
 */
export class FrameGaps {
  readonly #stepsMs: number[] = []
  #lost = 0
  #missing = 0
  #patience = 0

  /** Frames lost so far. */
  get lost(): number {
    return this.#lost
  }

  /** Usual time from one exposure to the next; null: fewer than three steps are known. */
  get usualMs(): number | null {
    if (this.#stepsMs.length < 3) return null
    return [...this.#stepsMs].sort((a, b) => a - b)[this.#stepsMs.length >> 1]
  }

  /** @param stepMs from the frame before to this one. @returns frames that are now known to be lost. */
  step(stepMs: number): number {
    const usualMs = this.usualMs
    this.#stepsMs.push(stepMs)
    if (this.#stepsMs.length > STEPS) this.#stepsMs.shift()
    if (usualMs === null) return 0
    const missing = Math.max(0, Math.round(stepMs / usualMs) - 1)
    if (missing > 0) {
      this.#missing += missing
      this.#patience = this.#missing + PATIENCE
      return 0
    }
    if (this.#missing === 0) return 0
    if (stepMs < SHORT * usualMs) this.#missing--
    if (--this.#patience > 0) return 0
    const lost = this.#missing
    this.#lost += lost
    this.#missing = 0
    return lost
  }
}
