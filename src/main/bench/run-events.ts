import { setTimeout as sleep } from 'node:timers/promises'
import type { RunEvent } from '../../shared/contract/runs.ts'

/** Event streams have no back-pressure: a reader gets the newest state, at most this often. */
const MIN_INTERVAL_MS = 100

/** Tells readers of a run that something changed; each reads the state for itself, as it stands then. */
export class RunEvents {
  readonly #waiting = new Map<number, Set<() => void>>()

  changed(runId: number): void {
    const waiting = this.#waiting.get(runId)
    this.#waiting.delete(runId)
    for (const wake of waiting ?? []) wake()
  }

  /**
   * The state now, then again after each change, until the run is over.
   * @param read the state as it stands.
   */
  async *stream(runId: number, read: () => RunEvent, signal?: AbortSignal): AsyncGenerator<RunEvent, void> {
    while (!signal?.aborted) {
      // Listening starts before reading, so a change in between is not missed.
      const change = this.#nextChange(runId, signal)
      const event = read()
      yield event
      if (isOver(event)) return
      await change
      // An abort only ends the wait: the loop sees it.
      await sleep(MIN_INTERVAL_MS, undefined, { signal }).catch(() => undefined)
    }
  }

  #nextChange(runId: number, signal?: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const done = () => {
      signal?.removeEventListener('abort', done)
      resolve()
    }
    signal?.addEventListener('abort', done)
    const waiting = this.#waiting.get(runId) ?? new Set()
    waiting.add(done)
    this.#waiting.set(runId, waiting)
    return promise
  }
}

function isOver(event: RunEvent): boolean {
  return event.run.state !== 'scanning' && event.run.state !== 'paused'
}
