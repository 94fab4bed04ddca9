/** Wakes whoever waits for the next change. */
export class Changes {
  #waiting = new Set<() => void>()

  changed(): void {
    const waiting = this.#waiting
    this.#waiting = new Set()
    for (const wake of waiting) wake()
  }

  /** Resolves with the next change, or when aborted. Listening begins with the call. */
  next(signal?: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const done = () => {
      signal?.removeEventListener('abort', done)
      this.#waiting.delete(done)
      resolve()
    }
    if (signal?.aborted) return Promise.resolve()
    signal?.addEventListener('abort', done)
    this.#waiting.add(done)
    return promise
  }
}
