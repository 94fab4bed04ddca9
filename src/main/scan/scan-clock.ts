/** Time spent scanning in one stretch of a run, without pauses. */
export class ScanClock {
  readonly #startedMs = performance.now()
  #pausedMs = 0
  #pausedSinceMs: number | null = null

  get activeMs(): number {
    const now = performance.now()
    const pausing = this.#pausedSinceMs === null ? 0 : now - this.#pausedSinceMs
    return now - this.#startedMs - this.#pausedMs - pausing
  }

  pause(): void {
    this.#pausedSinceMs ??= performance.now()
  }

  unpause(): void {
    if (this.#pausedSinceMs !== null) this.#pausedMs += performance.now() - this.#pausedSinceMs
    this.#pausedSinceMs = null
  }
}
