import { between, type Filter, type Order, stepThrough } from '../features/gallery/listing.ts'
import { viewerHandle } from '../viewer/handle.ts'
import type { View } from './cell-book.ts'
import { desk, galleryListing, NO_SELECTION } from './desk.ts'
import { refreshDifferential } from './run-link.ts'

export function setView(view: View): void {
  if (view === desk.get().view) return
  desk.set({ view })
  void refreshDifferential(true)
}

export function setFilter(filter: Filter): void {
  desk.set({ filter, heldAbove: null })
  const { active } = desk.get()
  if (active !== null && !galleryListing(desk.get()).ids.includes(active)) clearSelection()
}

export function setOrder(order: Order): void {
  desk.set({ order, heldAbove: null })
}

/** The class before or after the filtered one, among those with cells. */
export function stepFilter(step: number, codes: readonly Filter[]): void {
  const at = codes.indexOf(desk.get().filter)
  setFilter(codes[(Math.max(0, at) + step + codes.length) % codes.length])
}

export function clearSelection(): void {
  desk.set({ selection: NO_SELECTION, active: null })
}

/** Where in the gallery the active cell was when it was picked: its place, should it leave the list while it is looked at. */
let placeOfActive = 0

/** add: to the selection or, if there, out of it. extend: from the active cell to this one, in the gallery's order. */
export function select(cellId: number, how: 'only' | 'add' | 'extend' = 'only'): void {
  const state = desk.get()
  const { ids } = galleryListing(state)
  placeOfActive = Math.max(0, ids.indexOf(cellId))
  if (how === 'extend' && state.active !== null) {
    const range = between(ids, state.active, cellId)
    desk.set({ selection: new Set([...state.selection, ...range]), active: cellId })
    return
  }
  if (how === 'add') {
    const selection = new Set(state.selection)
    if (!selection.delete(cellId)) selection.add(cellId)
    desk.set({ selection, active: selection.has(cellId) ? cellId : ([...selection].at(-1) ?? null) })
    return
  }
  desk.set({ selection: new Set([cellId]), active: cellId })
}

/** Selects a cell met outside the gallery, and makes the gallery list it. */
export function selectAndReveal(cellId: number, how: 'only' | 'add' = 'only'): void {
  select(cellId, how)
  if (!galleryListing(desk.get()).ids.includes(cellId)) desk.set({ filter: 'all', heldAbove: null })
}

export function stepSelection(step: number, extend = false): void {
  const state = desk.get()
  const next = stepThrough(galleryListing(state).ids, state.active, step, placeOfActive)
  if (next !== null) select(next, extend ? 'extend' : 'only')
}

export function selectAllListed(): void {
  const { ids } = galleryListing(desk.get())
  if (ids.length > 0) desk.set({ selection: new Set(ids), active: desk.get().active ?? ids[0] })
}

export function flyToActive(): void {
  const { active, cells } = desk.get()
  const cell = active === null ? undefined : cells.byId.get(active)
  if (cell) viewerHandle.current?.flyTo(cell)
}
