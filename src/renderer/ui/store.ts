import { useSyncExternalStore } from 'react'

/** A value many components look at. `set` merges and tells the listeners once. */
export interface Store<State extends object> {
  readonly get: () => State
  readonly set: (patch: Partial<State>) => void
  readonly subscribe: (listener: () => void) => () => void
}

export function createStore<State extends object>(initial: State): Store<State> {
  let state = initial
  const listeners = new Set<() => void>()
  return {
    get: () => state,
    set: (patch) => {
      const changed = (Object.keys(patch) as (keyof State)[]).some((key) => !Object.is(patch[key], state[key]))
      if (!changed) return
      state = { ...state, ...patch }
      for (const listener of listeners) listener()
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** Renders again when what the selector picks is another value (`Object.is`); so it must pick, not build. */
export function useSelected<State extends object, Part>(store: Store<State>, select: (state: State) => Part): Part {
  return useSyncExternalStore(store.subscribe, () => select(store.get()))
}
