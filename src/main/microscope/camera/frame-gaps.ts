/** Steps in time that the usual one is judged by. */
const STEPS = 15

/**
 * Numbers exposures by their time stamps: a step that is a multiple of the usual one says that frames between were lost. The usual step
 * is the median of the last ones, since cameras slow down by themselves in the dark.
 */
export class FrameGaps {
  readonly #stepsMs: number[] = []
  #lost = 0

  /** Frames lost so far. */
  get lost(): number {
    return this.#lost
  }

  /** Usual time from one exposure to the next; null: fewer than three steps are known. */
  get usualMs(): number | null {
    if (this.#stepsMs.length < 3) return null
    return [...this.#stepsMs].sort((a, b) => a - b)[this.#stepsMs.length >> 1]
  }

  /** @param stepMs from the frame before to this one. @returns how many were lost between. */
  step(stepMs: number): number {
    const usualMs = this.usualMs
    this.#stepsMs.push(stepMs)
    if (this.#stepsMs.length > STEPS) this.#stepsMs.shift()
    const lost = usualMs === null ? 0 : Math.max(0, Math.round(stepMs / usualMs) - 1)
    this.#lost += lost
    return lost
  }
}
