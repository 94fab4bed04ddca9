import type { CaseSummary } from '../../shared/contract/cases.ts'
import type { Differential } from '../../shared/contract/differential.ts'
import type { ModelInfo } from '../../shared/contract/models.ts'
import type { Reading } from '../../shared/contract/readings.ts'
import type { RunEvent, RunSummary } from '../../shared/contract/runs.ts'
import type { SearchReport } from '../../shared/contract/search.ts'
import type { Field, SlideInfo } from '../../shared/contract/slide.ts'
import type { RuleStanding } from '../../shared/contract/stopping.ts'
import type { Finding } from '../../shared/contract/system.ts'
import type { ClassCode } from '../../shared/taxonomy.ts'
import type { Filter, Listing, Order } from '../features/gallery/listing.ts'
import { listCells, listRanked } from '../features/gallery/listing.ts'
import type { ModelTrust } from '../features/trust/model-trust.ts'
import { createStore, useSelected } from '../ui/store.ts'
import { type CellBook, EMPTY_BOOK, type View } from './cell-book.ts'
import type { Problem } from './problem.ts'
import { loadSetting } from './settings.ts'

export interface SystemInfo {
  readonly version: string
  readonly dataFolder: string
  readonly model: ModelInfo | null
  readonly modelProblem: { readonly message: string; readonly remedy: string } | null
  readonly activeRunId: number | null
}

/** lost: the bench was there and does not answer now; the window keeps trying. */
export type Connection = 'connecting' | 'open' | 'lost'
export type DialogName =
  | 'new-scan'
  | 'shortcuts'
  | 'reader'
  | 'devices'
  | 'trust'
  | 'model-card'
  | 'models'
  | 'calibration'
  | 'continue'
  | 'connect'
  | 'tally-compare'
  | 'overview'
export type Theme = 'dark' | 'light'

/** What changes many times a second while a run goes on. */
export type Live = Omit<RunEvent, 'run' | 'revision' | 'fields'>

export interface Notice extends Problem {
  readonly id: number
  /** What it is about, where a newer one takes its place. */
  readonly subject?: string
  /** Something to do about it right there. */
  readonly way?: { readonly words: string; readonly go: () => void }
}

/** Everything the window shows. One store, so that every panel sees the same moment. */
export interface Desk {
  readonly connection: Connection
  readonly system: SystemInfo | null
  /** What the bench found on itself and its devices; null: not looked yet. */
  readonly findings: readonly Finding[] | null
  /** Newest first; null: not read yet. */
  readonly cases: readonly CaseSummary[] | null
  readonly run: RunSummary | null
  readonly live: Live | null
  readonly slide: SlideInfo | null
  readonly fields: readonly Field[]
  readonly cells: CellBook
  readonly differential: Differential | null
  /** Where each of the run's stop rules stands, by alternative; null: not read yet. */
  readonly stopping: readonly (readonly RuleStanding[])[] | null
  /** Every model that read the run's cells, its own first; empty: not read yet. */
  readonly readings: readonly Reading[]
  /** Whose names are shown, by the model's number; null: those of the run's own model. */
  readonly reading: number | null
  readonly view: View
  readonly filter: Filter
  readonly order: Order
  /** The reader's: of the cells that are not unsure at most this share may be named wrongly; 0: as the model states it. */
  readonly errorRate: number
  /** Cells picked on the map, by a lasso for instance: what the filter of that name lists. */
  readonly picked: ReadonlySet<number>
  /** What the gallery's search for rare cells looks for: a class, and the share of it to be found, 0-1. */
  readonly search: { readonly class: ClassCode; readonly recall: number }
  /** What that comes to; null: not read yet. */
  readonly searchReport: SearchReport | null
  /** Cells with a higher id wait outside the gallery; null: none wait. */
  readonly heldAbove: number | null
  readonly selection: ReadonlySet<number>
  /** The selected cell keys act from; null: none. */
  readonly active: number | null
  readonly boxesShown: boolean
  /** The selected cell shows why the machine named it so. */
  readonly whyShown: boolean
  /** The map of the cells is beside the slide. */
  readonly mapShown: boolean
  /** Dragging on the map draws a line round cells instead of moving the map. */
  readonly mapLasso: boolean
  /** The slide's view grows with the scan, until a hand moves it. */
  readonly follow: boolean
  readonly reader: string
  readonly theme: Theme
  readonly dialog: DialogName | null
  /** What the run's model is worth; null: not read yet. */
  readonly trust: ModelTrust | null
  /** The model whose card is open, NAME@VERSION; null: the one in use. */
  readonly cardModel: string | null
  /** The class whose card is open, or was last. */
  readonly trustClass: ClassCode | null
  readonly notices: readonly Notice[]
  /** Said once by screen readers and shown for a while. */
  readonly announcement: { readonly id: number; readonly text: string } | null
  /** What a person asked of a scan last and the bench has not answered yet. */
  readonly busy: string | null
  /** So many corrections the bench has not answered yet. */
  readonly correcting: number
  /** Cells whose label is on its way to the bench, with the newest asked for; null: the one before is to be back. */
  readonly onTheirWay: ReadonlyMap<number, ClassCode | null>
}

export const NO_SELECTION: ReadonlySet<number> = new Set()

export const desk = createStore<Desk>({
  connection: 'connecting',
  system: null,
  findings: null,
  cases: null,
  run: null,
  live: null,
  slide: null,
  fields: [],
  cells: EMPTY_BOOK,
  differential: null,
  stopping: null,
  readings: [],
  reading: null,
  view: 'reviewed',
  filter: 'all',
  order: 'scan',
  errorRate: loadSetting('error-rate', 0),
  picked: NO_SELECTION,
  search: { class: 'FGC', recall: 0.95 },
  searchReport: null,
  heldAbove: null,
  selection: NO_SELECTION,
  active: null,
  boxesShown: true,
  whyShown: false,
  mapShown: false,
  mapLasso: false,
  follow: true,
  reader: loadSetting('reader', ''),
  theme:
    loadSetting<Theme | ''>('theme', '') || (matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark'),
  dialog: null,
  trust: null,
  cardModel: null,
  trustClass: null,
  notices: [],
  announcement: null,
  busy: null,
  correcting: 0,
  onTheirWay: new Map(),
})

export function useDesk<Part>(select: (state: Desk) => Part): Part {
  return useSelected(desk, select)
}

const NO_CANDIDATES: SearchReport['candidates'] = []
let listedFor: readonly unknown[] = []
let listing: Listing = { ids: [], heldBack: 0 }

/** What the gallery lists now; worked out once for each state it depends on. */
export function galleryListing(state: Desk): Listing {
  const candidates = state.searchReport?.candidates ?? NO_CANDIDATES
  const inputs = [state.cells, state.view, state.filter, state.order, state.heldAbove, state.picked, candidates]
  if (inputs.some((input, index) => input !== listedFor[index]) || listedFor.length === 0) {
    listing =
      state.filter === 'candidates'
        ? listRanked(state.cells, candidates)
        : listCells(state.cells, state.view, state.filter, state.order, state.heldAbove, state.picked)
    listedFor = inputs
  }
  return listing
}

export const isRunning = (run: RunSummary | null): boolean => run?.state === 'scanning' || run?.state === 'paused'
