/** Steps in time that the usual one is judged by. */
const STEPS = 20
/** So many frames after a gap may still make up for it. */
const PATIENCE = 30
/** A step shorter than this share of the usual one makes up for a late frame; what is not jitters. */
const CLOSE = 0.8

/**
 * Counts exposures that never arrived, by the time stamps of those that did: a step that is a multiple of the usual one says that frames
 * are missing, unless the next ones follow so closely that they were only late. The usual step is the one asked for or, where it is longer,
 * the shortest of the last ones: cameras slow down by themselves in the dark, and where most frames are lost, most steps are too long.
 */
export class FrameGaps {
  readonly #periodMs: number
  readonly #stepsMs: number[] = []
  /** Gaps that may still turn out to be frames that were only late, and for how many frames that is waited. */
  readonly #gaps: { missing: number; patience: number }[] = []
  #lost = 0

  /** @param periodMs from one exposure to the next, as the camera was asked for. */
  constructor(periodMs: number) {
    this.#periodMs = periodMs
  }

  /** Frames lost so far. */
  get lost(): number {
    return this.#lost
  }

  /** Usual time from one exposure to the next; null: fewer than three steps are known. */
  get usualMs(): number | null {
    if (this.#stepsMs.length < 3) return null
    return Math.max(this.#periodMs, Math.min(...this.#stepsMs))
  }

  /** @param stepMs from the frame before to this one. @returns frames that are now known to be lost. */
  step(stepMs: number): number {
    const usualMs = this.usualMs
    this.#stepsMs.push(stepMs)
    if (this.#stepsMs.length > STEPS) this.#stepsMs.shift()
    if (usualMs === null) return 0
    // What a frame comes earlier than usual, the one before it came late.
    if (this.#gaps.length > 0 && stepMs < CLOSE * usualMs) this.#gaps[0].missing -= 1 - stepMs / usualMs
    const missing = Math.max(0, Math.round(stepMs / usualMs) - 1)
    if (missing > 0) this.#gaps.push({ missing, patience: PATIENCE })
    let lost = 0
    for (const gap of this.#gaps) gap.patience--
    while (this.#gaps.length > 0 && (this.#gaps[0].patience <= 0 || this.#gaps[0].missing < 0.5)) {
      lost += Math.max(0, Math.round(this.#gaps.shift()?.missing ?? 0))
    }
    this.#lost += lost
    return lost
  }
}
