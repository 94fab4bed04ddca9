import { setTimeout as sleep } from 'node:timers/promises'
import type { RunEvent } from '../../shared/contract/runs.ts'
import { Changes } from './changes.ts'

/** Event streams have no back-pressure: a reader gets the newest state, at most this often. */
const MIN_INTERVAL_MS = 100
/** And so often where a field was committed, which somebody waits to see. */
const FIELD_INTERVAL_MS = 20

interface Watched {
  readonly changes: Changes
  fieldAtMs: number
  readers: number
}

/** Tells readers of a run that something changed; each reads the state for itself, as it stands then. */
export class RunEvents {
  readonly #watched = new Map<number, Watched>()

  changed(runId: number): void {
    this.#watched.get(runId)?.changes.changed()
  }

  /** Somebody looks at the run. */
  areRead(runId: number): boolean {
    return this.#watched.has(runId)
  }

  /** A field was committed. */
  committed(runId: number): void {
    const watched = this.#watched.get(runId)
    if (!watched) return
    watched.fieldAtMs = performance.now()
    watched.changes.changed()
  }

  /**
   * The state now, then again after each change, until the run is over.
   * @param read the state as it stands.
   */
  async *stream(runId: number, read: () => RunEvent, signal?: AbortSignal): AsyncGenerator<RunEvent, void> {
    const known = this.#watched.get(runId)
    const watched = known ?? { changes: new Changes(), fieldAtMs: Number.NEGATIVE_INFINITY, readers: 0 }
    this.#watched.set(runId, watched)
    watched.readers++
    try {
      while (!signal?.aborted) {
        // Listening starts before reading, so a change in between is not missed.
        const change = watched.changes.next(signal)
        const event = read()
        const toldMs = performance.now()
        yield event
        if (isOver(event)) return
        await change
        await due(watched, toldMs, signal)
      }
    } finally {
      if (--watched.readers === 0) this.#watched.delete(runId)
    }
  }
}

/** Resolves when a change may be told, or when aborted. What changes after a quiet while is told at once. */
async function due(watched: Watched, toldMs: number, signal?: AbortSignal): Promise<void> {
  while (!signal?.aborted) {
    const intervalMs = watched.fieldAtMs > toldMs ? FIELD_INTERVAL_MS : MIN_INTERVAL_MS
    const waitMs = toldMs + intervalMs - performance.now()
    if (waitMs <= 0) return
    const waited = sleep(waitMs, undefined, { signal }).catch(() => undefined)
    await Promise.race([waited, watched.changes.next(signal)])
  }
}

function isOver(event: RunEvent): boolean {
  return event.run.state !== 'scanning' && event.run.state !== 'paused'
}
