import { classOf } from '../../app/cell-book.ts'
import { desk } from '../../app/desk.ts'
import { announce } from '../../app/notices.ts'
import { className } from '../../ui/ClassName.tsx'
import { counted } from '../../ui/format.ts'
import { nearestTo } from './map-geometry.ts'
import { makeMap, mapStore } from './map-link.ts'
import type { MapPoints } from './map-points.ts'

/** What keys may ask of the map on screen. */
export interface MapHandle {
  /** null: there is no map yet. */
  readonly points: () => MapPoints | null
  /** Cells in sight. */
  readonly inView: () => readonly number[]
  readonly focus: () => void
}

/** The map on screen; null while there is none. */
export const mapHandle: { current: MapHandle | null } = { current: null }

/** One more press takes so many more. */
const MORE = 10

/** Shows the map of the run's cells beside the slide, and has it made; or puts it away. */
export function toggleMap(): void {
  const { mapShown, run, reading } = desk.get()
  desk.set({ mapShown: !mapShown, mapLasso: false })
  if (!mapShown && run) ensureMap(run.runId, reading)
}

/** Has a run's map made unless there is one or one on its way. */
export function ensureMap(runId: number, reading: number | null): void {
  const { runId: mapped, reading: of, status } = mapStore.get()
  if (mapped !== runId || of !== reading || status === 'none' || status === 'failed') void makeMap(runId, reading)
}

export function toggleLasso(): void {
  if (!desk.get().mapShown) toggleMap()
  const { mapLasso } = desk.get()
  desk.set({ mapLasso: !mapLasso })
  announce(mapLasso ? 'The mouse moves the map.' : 'The mouse draws a line round cells on the map.')
}

/** Selects cells and lists them, and them alone, in the gallery. */
export function pickCells(cellIds: readonly number[], how: 'only' | 'add' = 'only'): void {
  if (cellIds.length === 0) {
    announce('No cell lies in there.')
    return
  }
  const before = how === 'add' ? desk.get().picked : []
  const picked = new Set([...before, ...cellIds])
  const active = desk.get().active
  desk.set({
    picked,
    selection: picked,
    active: active !== null && picked.has(active) ? active : cellIds[0],
    filter: 'picked',
    heldAbove: null,
  })
  announce(`${counted(picked.size, 'cell')} picked: ${classesOf(picked)}. A letter labels all of them.`)
}

let grown: { readonly from: number; readonly picked: ReadonlySet<number>; readonly others: number } | null = null

/** Picks the cells nearest on the map to the selected one; pressed again, more of them. */
export function pickNear(): void {
  const points = mapHandle.current?.points()
  const { active, picked } = desk.get()
  if (!points) {
    announce('Open the map first (Shift M).')
    return
  }
  // Growing on from where the last press began, whichever of the picked cells is looked at meanwhile.
  const again = grown !== null && grown.picked === picked
  const from = again ? grown!.from : active
  const row = from === null ? undefined : points.rowOf.get(from)
  if (from === null || row === undefined) {
    announce('Select a cell that is on the map first.')
    return
  }
  const others = again ? grown!.others + MORE : MORE
  pickCells(nearestTo(points, row, others).map((each) => points.ids[each]))
  grown = { from, picked: desk.get().picked, others }
}

/** Picks the cells of the selected one's class that are in sight on the map. */
export function pickClassInView(): void {
  const { active, cells, view } = desk.get()
  const cell = active === null ? undefined : cells.byId.get(active)
  if (!mapHandle.current?.points()) {
    announce('Open the map first (Shift M).')
    return
  }
  if (!cell) {
    announce('Select a cell first.')
    return
  }
  const code = classOf(cell, view)
  pickCells(mapHandle.current.inView().filter((id) => classOf(cells.byId.get(id) ?? cell, view) === code))
}

/** "31 Blast, 9 Promyelocyte and 3 more", by the view shown. */
function classesOf(cellIds: ReadonlySet<number>): string {
  const { cells, view } = desk.get()
  const counts = new Map<string, number>()
  for (const id of cellIds) {
    const cell = cells.byId.get(id)
    const name = className(cell ? classOf(cell, view) : null)
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  const order = [...counts].sort((a, b) => b[1] - a[1])
  const rest = order.slice(3).reduce((sum, [, count]) => sum + count, 0)
  const named = order.slice(0, 3).map(([name, count]) => `${count} ${name}`)
  return rest > 0 ? `${named.join(', ')} and ${rest} more` : named.join(', ')
}
