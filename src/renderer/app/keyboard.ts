import { differentialView } from '../../shared/contract/differential.ts'
import { toggleFieldOfCell } from '../features/fields/field-actions.ts'
import { codesWithCells } from '../features/gallery/chips.ts'
import { ORDERS } from '../features/gallery/listing.ts'
import { pickClassInView, pickNear, toggleLasso, toggleMap } from '../features/map/map-actions.ts'
import { halt, showBench } from '../features/microscope/microscope-actions.ts'
import { microscopeStore } from '../features/microscope/microscope-store.ts'
import { toggleSearch } from '../features/search/search-actions.ts'
import { toggleStitches } from '../features/stitch/stitch-store.ts'
import { countCell, stopCounting, takeBack, toggleTally } from '../features/tally/tally-actions.ts'
import { tallyStore } from '../features/tally/tally-store.ts'
import { openTrustHere } from '../features/trust/trust-actions.ts'
import { viewerHandle } from '../viewer/handle.ts'
import { desk, isRunning } from './desk.ts'
import { openDialog } from './dialogs.ts'
import { type CommandId, classForKey, commandFor, REPEATING } from './keys.ts'
import { relabelSelection, undoNewest } from './label-actions.ts'
import { announce } from './notices.ts'
import { pauseOrResume, stopScan } from './run-actions.ts'
import {
  clearSelection,
  flyToActive,
  selectAllListed,
  setFilter,
  setOrder,
  setView,
  stepFilter,
  stepSelection,
} from './selection-actions.ts'
import { toggleTheme } from './theme.ts'

/** Keys for the whole window. A field being typed in keeps its keys; a focused button keeps Space and Enter. */
export function listenToKeys(): () => void {
  document.addEventListener('keydown', onKey)
  return () => document.removeEventListener('keydown', onKey)
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || desk.get().dialog !== null) return
  const target = event.target instanceof HTMLElement ? event.target : null
  if (target?.closest('input, select, textarea, [contenteditable]')) return
  const onButton = target?.closest('button, a, summary') !== null && target !== null
  if (onButton && (event.key === ' ' || event.key === 'Enter') && !event.ctrlKey) return
  const code = classForKey(event)
  if (code !== null) {
    event.preventDefault()
    // A key that is held down is one cell.
    if (event.repeat) return
    if (tallyStore.get().counting) countCell(code)
    else relabelSelection(code)
    return
  }
  const command = commandFor(event)
  if (command !== null) {
    event.preventDefault()
    if (!event.repeat || REPEATING.has(command)) act(command)
    return
  }
  const arrow = ARROWS[event.key]
  if (!arrow || event.ctrlKey || event.altKey || event.metaKey) return
  event.preventDefault()
  if (target?.closest('[data-region="slide"]')) viewerHandle.current?.panBy(arrow[0] * 0.15, arrow[1] * 0.15)
  else stepSelection(arrow[0] || arrow[1], event.shiftKey)
}

const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
}

function act(command: CommandId): void {
  const state = desk.get()
  const handlers: Record<CommandId, () => void> = {
    'new-scan': () => {
      if (isRunning(state.run)) announce('A scan is running; stop it first.')
      else openDialog('new-scan')
    },
    'pause-resume': pauseOrResume,
    stop: () => void stopScan(),
    fly: flyToActive,
    undo: tallyStore.get().counting ? takeBack : undoNewest,
    'field-out': toggleFieldOfCell,
    clear: () => {
      if (isMoving()) void halt()
      else if (tallyStore.get().counting) stopCounting()
      else if (state.selection.size > 0) clearSelection()
      else setFilter('all')
    },
    'select-all': selectAllListed,
    'next-cell': () => stepSelection(1),
    'previous-cell': () => stepSelection(-1),
    'next-class': () => stepFilter(1, codesWithCells(state)),
    'previous-class': () => stepFilter(-1, codesWithCells(state)),
    'all-classes': () => setFilter('all'),
    order: () => setOrder(ORDERS[(ORDERS.findIndex(({ value }) => value === state.order) + 1) % ORDERS.length].value),
    view: () => setView(next(differentialView.options, state.view)),
    gallery: () => focusRegion('gallery'),
    slide: () => focusRegion('slide'),
    regions: nextRegion,
    fit: () => viewerHandle.current?.fit(),
    'actual-size': () => viewerHandle.current?.actualSize(),
    'zoom-in': () => viewerHandle.current?.zoomBy(1.6),
    'zoom-out': () => viewerHandle.current?.zoomBy(1 / 1.6),
    boxes: () => desk.set({ boxesShown: !state.boxesShown }),
    seams: toggleStitches,
    map: toggleMap,
    'map-lasso': toggleLasso,
    'map-near': pickNear,
    'map-class': pickClassInView,
    search: toggleSearch,
    trust: openTrustHere,
    why: () => desk.set({ whyShown: !state.whyShown }),
    follow: () => desk.set({ follow: !state.follow }),
    theme: toggleTheme,
    microscope: () => showBench(!microscopeStore.get().shown),
    tally: toggleTally,
    'tally-undo': () => {
      if (tallyStore.get().counting) takeBack()
    },
    models: () => openDialog('models'),
    calibration: () => openDialog('calibration'),
    shortcuts: () => openDialog('shortcuts'),
  }
  handlers[command]()
}

/** Something that a person set going at the microscope. */
function isMoving(): boolean {
  const { view } = microscopeStore.get()
  return view?.holder === 'hands' && view.activity !== null
}

/** The one after it, round and round. */
function next<Option>(options: readonly Option[], now: Option): Option {
  return options[(options.indexOf(now) + 1) % options.length]
}

const regions = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>('[data-region]')]

function focusRegion(name: string): void {
  document.querySelector<HTMLElement>(`[data-region="${name}"]`)?.focus()
}

function nextRegion(): void {
  const all = regions()
  const at = all.findIndex((region) => region.contains(document.activeElement))
  all[(at + 1) % all.length]?.focus()
}
