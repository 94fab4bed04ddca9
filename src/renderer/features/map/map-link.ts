import type { CellMap } from '../../../shared/contract/evidence.ts'
import { bench } from '../../app/bench.ts'
import { describeProblem, type Problem } from '../../app/problem.ts'
import { createStore, useSelected } from '../../ui/store.ts'

export interface MapState {
  /** Whose map this is, or is being made. */
  readonly runId: number | null
  /** As which of the run's models read its cells; null: its own. */
  readonly reading: number | null
  readonly status: 'none' | 'working' | 'ready' | 'stopped' | 'failed'
  /** 0-1, while working. */
  readonly done: number
  readonly secondsLeft: number | null
  /** The newest map there is; stays while a newer one is made. */
  readonly map: CellMap | null
  readonly problem: Problem | null
}

const NONE: MapState = {
  runId: null,
  reading: null,
  status: 'none',
  done: 0,
  secondsLeft: null,
  map: null,
  problem: null,
}

/** A store of its own: its progress is nobody's business but the map's. */
export const mapStore = createStore<MapState>(NONE)
export const useMap = <Part>(select: (state: MapState) => Part): Part => useSelected(mapStore, select)

let asked: AbortController | null = null

/** Has the bench make the map of the run's cells as they are now, and as one of its models read them. */
export async function makeMap(runId: number, reading: number | null): Promise<void> {
  asked?.abort()
  const abort = new AbortController()
  asked = abort
  const same = mapStore.get().runId === runId && mapStore.get().reading === reading
  mapStore.set({ ...NONE, runId, reading, status: 'working', map: same ? mapStore.get().map : null })
  try {
    const events = await bench.evidence.map({ runId, modelId: reading }, { signal: abort.signal })
    for await (const event of events) {
      if (abort.signal.aborted) return
      if (event.state === 'working') mapStore.set({ done: event.done, secondsLeft: event.secondsLeft })
      else mapStore.set({ status: 'ready', map: event.map })
    }
    if (!abort.signal.aborted && mapStore.get().status === 'working') throw new TypeError('event stream ended')
  } catch (error) {
    if (!abort.signal.aborted) mapStore.set({ status: 'failed', problem: describeProblem(error) })
  }
}

/** The bench gives the work up. */
export function stopMap(): void {
  asked?.abort()
  if (mapStore.get().status === 'working') mapStore.set({ status: mapStore.get().map ? 'ready' : 'stopped' })
}
