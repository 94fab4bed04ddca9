import type { Exposure } from './camera.ts'

interface Waiter {
  /** Exposures have to begin no earlier. */
  readonly afterMs: number
  /** When it began to wait, moved on by what it need not be counted. */
  sinceMs: number
  resolve(exposure: Exposure): void
  reject(reason: unknown): void
}

/** Who waits for which exposure. Times are `performance.now()`. */
export class Captures {
  readonly #waiters = new Set<Waiter>()

  /** Resolves with the first exposure offered that began at or after `tMs`; rejects with the reason of the signal. */
  wait(tMs: number, signal?: AbortSignal): Promise<Exposure> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiters.delete(waiter)
        signal?.removeEventListener('abort', abort)
      }
      const waiter: Waiter = {
        afterMs: tMs,
        sinceMs: Math.max(performance.now(), tMs),
        resolve: (exposure) => {
          leave()
          resolve(exposure)
        },
        reject: (reason) => {
          leave()
          reject(reason)
        },
      }
      const abort = () => waiter.reject(signal?.reason)
      signal?.addEventListener('abort', abort, { once: true })
      this.#waiters.add(waiter)
    })
  }

  /** @param make makes the exposure, once, where anybody waits for one that began then. */
  offer(exposureStartMs: number, make: () => Exposure): void {
    const served = [...this.#waiters].filter(({ afterMs }) => afterMs <= exposureStartMs)
    if (served.length === 0) return
    const exposure = make()
    for (const waiter of served) waiter.resolve(exposure)
  }

  rejectAll(reason: unknown): void {
    for (const waiter of [...this.#waiters]) waiter.reject(reason)
  }

  /** Their waiting counts from now on. */
  startOver(): void {
    const nowMs = performance.now()
    for (const waiter of this.#waiters) waiter.sinceMs = Math.max(waiter.sinceMs, nowMs)
  }

  /** Rejects who has waited longer than this, milliseconds. */
  rejectAfter(limitMs: number, reason: (waitedMs: number) => unknown): void {
    const nowMs = performance.now()
    for (const waiter of [...this.#waiters]) {
      const waitedMs = nowMs - waiter.sinceMs
      if (waitedMs > limitMs) waiter.reject(reason(waitedMs))
    }
  }
}
