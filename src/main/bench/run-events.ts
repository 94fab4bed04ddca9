import { setTimeout as sleep } from 'node:timers/promises'
import type { RunEvent } from '../../shared/contract/runs.ts'
import { Changes } from './changes.ts'

/** Event streams have no back-pressure: a reader gets the newest state, at most this often. */
const MIN_INTERVAL_MS = 100

/** Tells readers of a run that something changed; each reads the state for itself, as it stands then. */
export class RunEvents {
  readonly #changes = new Map<number, Changes>()

  changed(runId: number): void {
    this.#changes.get(runId)?.changed()
  }

  /**
   * The state now, then again after each change, until the run is over.
   * @param read the state as it stands.
   */
  async *stream(runId: number, read: () => RunEvent, signal?: AbortSignal): AsyncGenerator<RunEvent, void> {
    const changes = this.#changes.get(runId) ?? new Changes()
    this.#changes.set(runId, changes)
    while (!signal?.aborted) {
      // Listening starts before reading, so a change in between is not missed.
      const change = changes.next(signal)
      const event = read()
      const toldMs = performance.now()
      yield event
      if (isOver(event)) return
      await change
      // What changes after a quiet while is told at once.
      const waitMs = toldMs + MIN_INTERVAL_MS - performance.now()
      // An abort only ends the wait: the loop sees it.
      if (waitMs > 0) await sleep(waitMs, undefined, { signal }).catch(() => undefined)
    }
  }
}

function isOver(event: RunEvent): boolean {
  return event.run.state !== 'scanning' && event.run.state !== 'paused'
}
