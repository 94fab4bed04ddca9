import type { Cell } from '../../shared/contract/cells.ts'
import type { StartRun } from '../../shared/contract/runs.ts'
import type { StopRequest } from '../../shared/stopping/rules.ts'
import { type ClassCode, cellClass, DEFAULT_TARGET_CELLS } from '../../shared/taxonomy.ts'
import { between, type Filter, type Order, stepThrough } from '../features/gallery/listing.ts'
import { keepCase } from '../features/new-scan/scan-draft.ts'
import type { ScanRequest } from '../features/new-scan/scan-form.ts'
import { counted } from '../ui/format.ts'
import { viewerHandle } from '../viewer/handle.ts'
import { bench } from './bench.ts'
import { classOf, countByClass, type View, withCells } from './cell-book.ts'
import { type DialogName, desk, galleryListing, isRunning, NO_SELECTION } from './desk.ts'
import { announce, showError, showProblem } from './notices.ts'
import { describeProblem, type Problem } from './problem.ts'
import { asShown, openRun, refreshCases, refreshDifferential } from './run-link.ts'
import { saveSetting } from './settings.ts'
import { forgetNewestUndo, newestUndo, rememberUndo } from './undo.ts'

/** As many as the contract takes in one call. */
const MOST_LABELS = 5000

/** What the "Scan a simulated smear" button of an empty desk starts. */
export const FIRST_SCAN: StartRun = {
  rig: { kind: 'simulated', profile: 'normal', seed: 1, timeScale: 1, mount: null, stage: 'good', objective: null },
  targetCells: DEFAULT_TARGET_CELLS,
  stopWhen: [],
  caseId: null,
  area: null,
  order: 'serpentine',
}

/** One request of a person at a time; its failure becomes a notice. Resolves whether it went well. */
export async function ask(what: string, work: () => Promise<void>): Promise<boolean> {
  if (desk.get().busy !== null) return false
  desk.set({ busy: what })
  try {
    await work()
    return true
  } catch (error) {
    showError(error)
    return false
  } finally {
    desk.set({ busy: null })
  }
}

export const startScan = (settings: StartRun): Promise<boolean> =>
  ask('starting', async () => {
    const run = await bench.runs.start(settings)
    await refreshCases()
    openRun(run.runId)
    announce('Scan started.')
  })

/** Starts what the dialog asked for, its case first; answers what was in the way, null: nothing. */
export async function startScanOf({ run, newCase }: ScanRequest): Promise<Problem | null> {
  if (desk.get().busy !== null) return null
  desk.set({ busy: 'starting' })
  try {
    const caseId = newCase ? (await bench.cases.create(newCase)).caseId : run.caseId
    const started = await bench.runs.start({ ...run, caseId })
    await refreshCases()
    openRun(started.runId)
    announce('Scan started.')
    return null
  } catch (error) {
    return describeProblem(error)
  } finally {
    desk.set({ busy: null })
  }
}

/** @param anyway although the last field does not look as it did. */
export const resumeScan = (anyway = false): Promise<boolean> =>
  ask('resuming', async () => {
    const { run } = desk.get()
    if (!run) return
    await bench.runs.resume({ runId: run.runId, anyway })
    openRun(run.runId)
    announce('Scan resumed.')
  })

/** Gives a run that is over another end and goes on with it; answers what was in the way, null: nothing. */
export async function continueScan(stop: StopRequest): Promise<Problem | null> {
  const { busy, run } = desk.get()
  if (busy !== null || !run) return null
  desk.set({ busy: 'resuming' })
  try {
    await bench.runs.resume({ runId: run.runId, stop })
    openRun(run.runId)
    announce('Scan goes on.')
    return null
  } catch (error) {
    return describeProblem(error)
  } finally {
    desk.set({ busy: null })
  }
}

export const pauseScan = (): Promise<boolean> =>
  ask('pausing', async () => {
    const { run } = desk.get()
    if (run?.state !== 'scanning') return
    desk.set({ run: await bench.runs.pause({ runId: run.runId }) })
    announce('Scan paused.')
  })

export const stopScan = (): Promise<boolean> =>
  ask('stopping', async () => {
    const { run } = desk.get()
    if (!isRunning(run)) return
    desk.set({ run: await bench.runs.stop({ runId: run!.runId }) })
    announce('Scan stops once the fields in work are committed.')
  })

/** Pauses what scans, resumes what can be resumed. */
export function pauseOrResume(): void {
  const state = desk.get().run?.state
  if (state === 'scanning') void pauseScan()
  else if (state === 'paused' || state === 'interrupted' || state === 'failed') void resumeScan()
}

export function openDialog(dialog: DialogName | null): void {
  desk.set({ dialog })
}

/** The form for a case's first scan, or its next. */
export function openNewScan(caseId: number): void {
  keepCase(caseId)
  openDialog('new-scan')
}

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

/** add: to the selection or, if there, out of it. extend: from the active cell to this one, in the gallery's order. */
export function select(cellId: number, how: 'only' | 'add' | 'extend' = 'only'): void {
  const state = desk.get()
  if (how === 'extend' && state.active !== null) {
    const range = between(galleryListing(state).ids, state.active, cellId)
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
  const next = stepThrough(galleryListing(state).ids, state.active, step)
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

let afterReader: (() => void) | null = null

/** Keeps the reader's name and goes on with what asked for it. */
export function setReader(name: string): void {
  saveSetting('reader', name)
  desk.set({ reader: name, dialog: null })
  afterReader?.()
  afterReader = null
}

/** Labels carry a reader's name; the first one asks for it. */
export function withReader(work: (reader: string) => void): void {
  const { reader } = desk.get()
  if (reader !== '') {
    work(reader)
    return
  }
  afterReader = () => work(desk.get().reader)
  openDialog('reader')
}

/** Gives the selected cells a label. */
export function relabelSelection(to: ClassCode): void {
  const { selection } = desk.get()
  if (selection.size > MOST_LABELS) {
    showProblem({
      message: `${selection.size} cells are selected; at most ${MOST_LABELS} take a label at once.`,
      remedy: 'Select fewer, class by class for instance.',
      code: 'invalid-input',
    })
  } else if (selection.size > 0) withReader((reader) => void relabel([...selection], to, reader))
}

async function relabel(cellIds: number[], to: ClassCode, reader: string): Promise<void> {
  await ask('relabelling', async () => {
    const before = desk.get()
    const from = cellIds.map((id) => before.cells.byId.get(id)).filter((cell) => cell !== undefined)
    const { cells } = await bench.cells.relabel({ cellIds, class: to, reader })
    rememberUndo(() => withReader((name) => void undo(name, cellIds)))
    takeLabels(await asShown(cells))
    announce(labelSentence(from, to))
  })
}

/** Takes back what was done last in this window: labels, or which fields count; without any, the newest label of each selected cell. */
export function undoNewest(): void {
  const takeBack = newestUndo()
  if (takeBack) takeBack()
  else withReader((reader) => void undo(reader))
}

async function undo(reader: string, given?: readonly number[]): Promise<void> {
  const { selection, cells: book } = desk.get()
  const cellIds = given ? [...given] : [...selection].filter((id) => book.byId.get(id)?.reader != null)
  if (cellIds.length === 0) return announce('Nothing to undo.')
  await ask('undoing', async () => {
    const { cells: undone } = await bench.cells.undo({ cellIds, reader })
    if (given) forgetNewestUndo()
    const cells = await asShown(undone)
    takeLabels(cells)
    desk.set({ selection: new Set(cellIds), active: cellIds[0] })
    if (!galleryListing(desk.get()).ids.includes(cellIds[0])) desk.set({ filter: 'all' })
    const back = cells[0]?.class
    announce(
      cells.length === 1 && back
        ? `Undone: the cell is ${article(cellClass(back).name)} again.`
        : `Undone: ${counted(cells.length, 'cell')} took back the label before.`,
    )
  })
}

/** The labelled cells as the bench answered; a cell that thereby leaves the list hands the selection to the one in its place. */
function takeLabels(cells: readonly Cell[]): void {
  const before = desk.get()
  const listed = galleryListing(before).ids
  const at = before.active === null ? -1 : listed.indexOf(before.active)
  desk.set({ cells: withCells(before.cells, cells) })
  const after = galleryListing(desk.get()).ids
  const stays = before.active === null || after.includes(before.active)
  if (!stays && at >= 0) {
    const shown = new Set(after)
    const next = listed.slice(at).find((id) => shown.has(id)) ?? after.at(-1)
    if (next === undefined) clearSelection()
    else select(next)
  }
  void refreshDifferential(true)
}

/** What changed, in one sentence: the cells, from and to, and the two counts that moved. */
function labelSentence(from: readonly Cell[], to: ClassCode): string {
  const counts = countByClass(desk.get().cells, 'reviewed')
  const changed = from.filter((cell) => classOf(cell, 'reviewed') !== to)
  const target = `${cellClass(to).name} now ${counts.get(to) ?? 0}`
  if (changed.length === 0) return `${counted(from.length, 'cell')} confirmed as ${cellClass(to).name}.`
  const old = classOf(changed[0], 'reviewed')
  const name = old === null ? 'unclassified' : cellClass(old).name
  if (changed.length === 1) return `${name} → ${cellClass(to).name}. ${name} now ${counts.get(old) ?? 0}, ${target}.`
  return `${counted(changed.length, 'cell')} → ${cellClass(to).name}. ${target}.`
}

const article = (name: string): string => `${/^[AEIOU]/.test(name) ? 'an' : 'a'} ${name.toLowerCase()}`
