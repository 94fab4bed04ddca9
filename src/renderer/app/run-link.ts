import type { Cell } from '../../shared/contract/cells.ts'
import type { RunEvent, RunState, RunSummary } from '../../shared/contract/runs.ts'
import type { Field, FieldPictureTold } from '../../shared/contract/slide.ts'
import { refreshSearch } from '../features/search/refresh-search.ts'
import { askForTrust } from '../features/trust/model-trust.ts'
import { viewerHandle } from '../viewer/handle.ts'
import { decodePicture } from '../viewer/sketch.ts'
import { bench } from './bench.ts'
import { EMPTY_BOOK, withCells } from './cell-book.ts'
import { desk, NO_SELECTION } from './desk.ts'
import { showError, showProblem } from './notices.ts'
import { describeProblem } from './problem.ts'

const CHANGES_PAGE = 2000
/** Of a long run, pages of cells that come one after another are shown together: each time the whole gallery is sorted. */
const PAGES_SHOWN_EVERY_MS = 400
/** So long the slide's first picture goes before all cells but the first page: the bench has one thread for both. */
const PICTURE_FIRST_MOST_MS = 1500
/** And so long a new field's picture goes before its cells. */
const FIELD_FIRST_MOST_MS = 250
const DIFFERENTIAL_EVERY_MS = 400
/** The corrected one is drawn from all cells anew. */
const CORRECTED_EVERY_MS = 2000
const SLOWLY_EVERY_MS = 3000
const RETRY_FIRST_MS = 500
const RETRY_MOST_MS = 8000

/** The window's hold on one run: it ends when another run is opened, or the same one again. */
interface Link {
  readonly runId: number
  readonly abort: AbortController
  /** Highest revision of the fields taken in. */
  fieldsRevision: number
  /** Events may not have brought all of them: the bench is to be asked. */
  askForFields: boolean
  /** Some were taken in whose pictures nobody waited for yet. */
  picturesDue: boolean
  catchingUp: Promise<void> | null
  again: boolean
}

let current: Link | null = null

const over = (state: RunState): boolean => state === 'finished' || state === 'failed' || state === 'interrupted'

/** Waits between attempts: doubles from half a second, at most eight. */
export const retryDelayMs = (attempt: number): number => Math.min(RETRY_MOST_MS, RETRY_FIRST_MS * 2 ** attempt)

export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal?.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}

/** Makes a run the one the window shows, and keeps it up to date until another takes its place. Of the same run, what is shown stays. */
export function openRun(runId: number): void {
  const same = current?.runId === runId
  const fieldsRevision = same ? current!.fieldsRevision : 0
  current?.abort.abort()
  if (!same) {
    desk.set({
      // As the worklist knows it: its counts are there before the bench is asked.
      run: runInWorklist(runId),
      live: null,
      slide: null,
      fields: [],
      cells: EMPTY_BOOK,
      differential: null,
      stopping: null,
      searchReport: null,
      readings: [],
      reading: null,
      trust: null,
      filter: 'all',
      picked: NO_SELECTION,
      heldAbove: null,
      selection: NO_SELECTION,
      active: null,
      follow: true,
    })
  }
  current = {
    runId,
    abort: new AbortController(),
    fieldsRevision,
    askForFields: true,
    picturesDue: false,
    catchingUp: null,
    again: false,
  }
  void follow(current)
}

function runInWorklist(runId: number): RunSummary | null {
  const runs = desk.get().cases?.flatMap((entry) => entry.runs) ?? []
  return runs.find((run) => run.runId === runId) ?? null
}

/** Reads the run, then its events until it is over; a lost connection is tried again, without end, until another run is opened. */
async function follow(link: Link): Promise<void> {
  const { runId } = link
  const { signal } = link.abort
  for (let attempt = 0; !signal.aborted; ) {
    try {
      const run = await bench.runs.get({ runId }, { signal })
      if (signal.aborted) return
      desk.set({ run, connection: 'open' })
      void refreshCases()
      void readTrust(link)
      void readReadings(link)
      // The bench counts for itself: nobody waits for the window to have every cell.
      void refreshDifferential(true)
      await catchUp(link, true)
      if (over(run.state)) return
      const events = await bench.runs.events({ runId }, { signal })
      for await (const event of events) {
        if (signal.aborted) return
        attempt = 0
        await take(event, link)
        if (!over(event.run.state)) continue
        await catchUp(link, true)
        return
      }
      // The stream ended though the run goes on: the bench went away, or restarts.
      throw new TypeError('event stream ended')
    } catch (error) {
      if (signal.aborted) return
      const problem = describeProblem(error)
      if (problem.code === null) desk.set({ connection: 'lost' })
      else showProblem(problem)
      if (problem.code === 'not-found') return
      await pause(retryDelayMs(attempt++), signal)
    }
  }
}

async function take(event: RunEvent, link: Link): Promise<void> {
  const { run, revision, fields, ...live } = event
  // All that the event changes is on screen in one frame: each costs the page's thread some time.
  const pictures = await decodePictures(fields.pictures)
  if (link.abort.signal.aborted) return
  const { run: before, cells } = desk.get()
  const isNew = revision > Math.max(cells.revision, link.fieldsRevision)
  desk.set({ run, live, connection: 'open' })
  if (before?.state !== run.state) void refreshCases()
  const isMissing = fields.after > link.fieldsRevision
  if (!isMissing) {
    takeFields(link, fields.changed)
    viewerHandle.current?.sketch(pictures)
  }
  if (isNew || isMissing) void catchUp(link, isMissing).catch(showUnlessLost)
}

/** By index of the field. */
async function decodePictures(told: readonly FieldPictureTold[]): Promise<Map<number, ImageBitmap>> {
  const pictures = new Map<number, ImageBitmap>()
  await Promise.all(
    told.map(async (one) => {
      const picture = await decodePicture(one)
      if (picture) pictures.set(one.index, picture)
    }),
  )
  return pictures
}

/** A run's model stays the same, and what it said of itself too: read once. */
async function readTrust({ runId, abort: { signal } }: Link): Promise<void> {
  if (desk.get().trust) return
  try {
    const { reading } = desk.get()
    const trust = await askForTrust({ runId, modelId: reading }, signal)
    if (!signal.aborted && desk.get().reading === reading) desk.set({ trust })
  } catch (error) {
    if (!signal.aborted) showUnlessLost(error)
  }
}

async function readReadings({ runId, abort: { signal } }: Link): Promise<void> {
  try {
    const { readings } = await bench.runs.readings({ runId }, { signal })
    if (!signal.aborted) desk.set({ readings })
  } catch (error) {
    if (!signal.aborted) showUnlessLost(error)
  }
}

/** What a person decided of its fields: they, their cells and all counts anew. */
export async function refreshRun(): Promise<void> {
  const link = current
  if (!link) return
  const run = await bench.runs.get({ runId: link.runId })
  if (link !== current) return
  desk.set({ run })
  await catchUp(link, true)
  await refreshDifferential(true)
}

/** Another model has read the run, or is about to. */
export async function refreshReadings(): Promise<void> {
  if (current) await readReadings(current)
}

/** Shows the cells as another of the run's models named them (null: its own): all at once, so that nothing is half of each. */
export async function showReading(modelId: number | null): Promise<void> {
  const link = current
  if (!link || modelId === desk.get().reading) return
  const { signal } = link.abort
  let book = EMPTY_BOOK
  try {
    for (let more = true; more; ) {
      const after = book.revision
      const answer = await bench.cells.changes({ runId: link.runId, after, limit: CHANGES_PAGE, modelId }, { signal })
      book = withCells(book, answer.cells, answer.revision)
      more = answer.more
    }
  } catch (error) {
    if (!signal.aborted) showUnlessLost(error)
    return
  }
  if (signal.aborted) return
  desk.set({ reading: modelId, cells: book, differential: null, trust: null, searchReport: null })
  void readTrust(link)
  void refreshDifferential(true)
}

/** Cells as the bench answers them, which is as the run's own model named them, as the model shown names them. */
export async function asShown(cells: readonly Cell[]): Promise<readonly Cell[]> {
  const { run, reading, cells: book } = desk.get()
  if (reading === null || !run || cells.length === 0) return cells
  const wanted = new Set(cells.map((cell) => cell.id))
  const shown: Cell[] = []
  for (let after = book.revision, more = true; more; ) {
    const answer = await bench.cells.changes({ runId: run.runId, after, limit: CHANGES_PAGE, modelId: reading })
    shown.push(...answer.cells.filter((cell) => wanted.has(cell.id)))
    after = answer.revision
    more = answer.more
  }
  return shown
}

/** A lost connection is told by the event stream's own loop; an aborted call by nobody. */
function showUnlessLost(error: unknown): void {
  if (describeProblem(error).code !== null) showError(error)
}

/**
 * Asks for every cell newer than the window's, and every field where events did not bring all of them; calls that come meanwhile make one more
 * round, not many.
 */
function catchUp(link: Link, askForFields: boolean): Promise<void> {
  link.again = true
  link.askForFields ||= askForFields
  link.catchingUp ??= (async () => {
    try {
      while (link.again && !link.abort.signal.aborted) {
        link.again = false
        // The slide first: a page of cells takes the bench as long as a tile does, and the window longer to show.
        const { signal } = link.abort
        if (link.askForFields) await readSlide(link)
        const picturesDue = link.picturesDue
        link.picturesDue = false
        if (picturesDue) await Promise.race([viewerHandle.current?.upToDate(), pause(FIELD_FIRST_MOST_MS, signal)])
        await readCells(link)
      }
    } finally {
      link.catchingUp = null
    }
  })()
  return link.catchingUp
}

async function readSlide(link: Link): Promise<void> {
  const { runId } = link
  const { signal } = link.abort
  const known = desk.get().slide?.runId === runId
  link.askForFields = false
  const [slide, answer] = await Promise.all([
    known ? null : bench.slide.info({ runId }, { signal }),
    bench.slide.fields({ runId, after: link.fieldsRevision }, { signal }),
  ]).catch((error) => {
    link.askForFields = true
    throw error
  })
  if (signal.aborted) return
  if (slide) desk.set({ slide })
  takeFields(link, answer.fields)
}

/** Answers and events may overtake each other: of a field the newer revision stays. */
function takeFields(link: Link, fields: readonly Field[]): void {
  const known = new Map(desk.get().fields.map((field) => [field.index, field]))
  const fresh = fields.filter((field) => field.revision > (known.get(field.index)?.revision ?? 0))
  for (const field of fresh) {
    known.set(field.index, field)
    link.fieldsRevision = Math.max(link.fieldsRevision, field.revision)
  }
  if (fresh.length === 0) return
  link.picturesDue = true
  desk.set({ fields: [...known.values()].sort((a, b) => a.index - b.index) })
}

async function readCells(link: Link): Promise<void> {
  const { signal } = link.abort
  let { reading } = desk.get()
  let after = desk.get().cells.revision
  let waiting: Cell[] = []
  let shownAt = Number.NEGATIVE_INFINITY
  for (let more = true; more; ) {
    const asked = { runId: link.runId, after, limit: CHANGES_PAGE, modelId: reading }
    const answer = await bench.cells.changes(asked, { signal })
    if (signal.aborted) return
    if (desk.get().reading !== reading) {
      // Meanwhile another model's names are shown: these are not of it.
      reading = desk.get().reading
      after = desk.get().cells.revision
      waiting = []
      continue
    }
    waiting.push(...answer.cells)
    after = answer.revision
    more = answer.more
    if (more && performance.now() - shownAt < PAGES_SHOWN_EVERY_MS) continue
    desk.set({ cells: withCells(desk.get().cells, waiting, after) })
    waiting = []
    if (more && shownAt === Number.NEGATIVE_INFINITY)
      await Promise.race([viewerHandle.current?.firstPicture, pause(PICTURE_FIRST_MOST_MS, signal)])
    shownAt = performance.now()
  }
  // Not waited for: it may take its time, and the next field is not to wait for it.
  void refreshDifferential()
}

let slowlyAt = Number.NEGATIVE_INFINITY
let slowlyWaits = false

/** What takes the bench a while: where the stop rules stand, and the search that is looked at. Not often while cells come. */
async function refreshSlowly(now: boolean): Promise<void> {
  const wait = slowlyAt + SLOWLY_EVERY_MS - performance.now()
  if (!now && wait > 0) {
    if (slowlyWaits) return
    slowlyWaits = true
    await pause(wait)
    slowlyWaits = false
  }
  slowlyAt = performance.now()
  void refreshSearch()
  await refreshStopping()
}

async function refreshStopping(): Promise<void> {
  const { run, stopping } = desk.get()
  if (!run || (run.stopWhen.length === 0 && stopping !== null)) return
  try {
    const { alternatives } = await bench.runs.stopping({ runId: run.runId })
    if (desk.get().run?.runId === run.runId) desk.set({ stopping: alternatives })
  } catch (error) {
    showUnlessLost(error)
  }
}

let differentialAt = Number.NEGATIVE_INFINITY
let differentialWaits = false

/** The differential of the run and view shown. At most a few a second while cells come; `now` for what a person did. */
export async function refreshDifferential(now = false): Promise<void> {
  const { run, view, reading } = desk.get()
  if (!run) return
  void refreshSlowly(now)
  const everyMs = view === 'corrected' ? CORRECTED_EVERY_MS : DIFFERENTIAL_EVERY_MS
  const wait = differentialAt + everyMs - performance.now()
  if (!now && wait > 0) {
    if (differentialWaits) return
    differentialWaits = true
    await pause(wait)
    differentialWaits = false
  }
  differentialAt = performance.now()
  try {
    const differential = await bench.runs.differential({ runId: run.runId, view, modelId: reading })
    const state = desk.get()
    if (state.run?.runId === run.runId && state.reading === reading && state.view === differential.view)
      desk.set({ differential })
  } catch (error) {
    showUnlessLost(error)
  }
}

export async function refreshCases(): Promise<void> {
  try {
    const { cases } = await bench.cases.list()
    desk.set({ cases })
  } catch (error) {
    showUnlessLost(error)
  }
}

/** Another window may have relabelled cells of a run that is over; looked after when this one comes back to the eye. */
export function catchUpOnReturn(): void {
  if (document.visibilityState !== 'visible' || !current || current.abort.signal.aborted) return
  void catchUp(current, true).catch(showUnlessLost)
}
