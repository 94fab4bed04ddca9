import type { ScanArea, StageRect } from '../../../shared/contract/area.ts'
import type { StageRigSettings } from '../../../shared/contract/microscope.ts'
import type { OverviewEvent, OverviewSummary, ProposedArea } from '../../../shared/contract/overview.ts'
import type { AreaExpectation } from '../../../shared/overview/expect.ts'
import type { OverviewPlace } from '../../../shared/overview/place.ts'
import type { MapLayer } from '../../../shared/overview/smear-map.ts'
import { DEFAULT_TARGET_CELLS } from '../../../shared/taxonomy.ts'
import { bench } from '../../app/bench.ts'
import { announce } from '../../app/notices.ts'
import { describeProblem, type Problem } from '../../app/problem.ts'
import { createStore, useSelected } from '../../ui/store.ts'

/** What is marked on the map: proposed areas by rank, rectangles a person drew, or nothing. */
export type Choice = { readonly kind: 'proposed'; readonly rank: number } | { readonly kind: 'drawn' } | null

export interface OverviewDesk {
  /** The microscope that will scan; null: the dialog was never opened. */
  readonly rig: StageRigSettings | null
  /** null: everything in the area. */
  readonly targetCells: number | null
  /** The one that is shown; null: none yet. */
  readonly overview: OverviewSummary | null
  readonly places: readonly OverviewPlace[]
  readonly activity: string
  readonly secondsLeft: number | null
  /** Of the same microscope and slide, newest first. */
  readonly earlier: readonly OverviewSummary[]
  /** null: not asked yet. */
  readonly areas: readonly ProposedArea[] | null
  readonly layer: MapLayer
  readonly drawn: readonly StageRect[]
  readonly excluded: readonly StageRect[]
  readonly choice: Choice
  /** Of what is chosen; null: nothing is, or not answered yet. */
  readonly outlook: { readonly expectation: AreaExpectation | null; readonly reasons: readonly string[] } | null
  /** What a rectangle that is drawn becomes. */
  readonly tool: 'draw' | 'exclude'
  readonly problem: Problem | null
}

export const overviewDesk = createStore<OverviewDesk>({
  rig: null,
  targetCells: DEFAULT_TARGET_CELLS,
  overview: null,
  places: [],
  activity: '',
  secondsLeft: null,
  earlier: [],
  areas: null,
  layer: 'score',
  drawn: [],
  excluded: [],
  choice: null,
  outlook: null,
  tool: 'draw',
  problem: null,
})
export const useOverview = <Part>(select: (state: OverviewDesk) => Part): Part => useSelected(overviewDesk, select)

const EMPTY = {
  overview: null,
  places: [],
  activity: '',
  secondsLeft: null,
  areas: null,
  drawn: [],
  excluded: [],
  choice: null,
  outlook: null,
  problem: null,
} as const

let watching: AbortController | null = null

/** Of another slide than before, everything begins anew; of the same, what was seen and chosen is still there. */
export async function openOverviews(rig: StageRigSettings, targetCells: number | null): Promise<void> {
  const before = overviewDesk.get()
  const same = JSON.stringify(before.rig) === JSON.stringify(rig)
  overviewDesk.set({ ...(!same && EMPTY), rig, targetCells, problem: null })
  try {
    const { overviews } = await bench.overview.list({})
    const earlier = overviews.filter((each) => JSON.stringify(each.rig) === JSON.stringify(rig))
    overviewDesk.set({ earlier })
    const going = earlier.find(({ state }) => state === 'looking')
    if (going) await watch(going.overviewId)
    else if (same && before.overview && before.targetCells !== targetCells) await propose()
  } catch (error) {
    overviewDesk.set({ problem: describeProblem(error) })
  }
}

export async function lookOver(extent: StageRect | null, pitchUm: number | null): Promise<void> {
  const { rig } = overviewDesk.get()
  if (!rig) return
  overviewDesk.set({ ...EMPTY, activity: 'opening the microscope' })
  try {
    const overview = await bench.overview.start({ rig, extent, pitchUm })
    await watch(overview.overviewId)
  } catch (error) {
    overviewDesk.set({ activity: '', problem: describeProblem(error) })
  }
}

/** Shows an overview, while it grows where it does, and what it proposes. */
export async function watch(overviewId: number): Promise<void> {
  watching?.abort()
  const mine = new AbortController()
  watching = mine
  overviewDesk.set(EMPTY)
  try {
    const events = await bench.overview.events({ overviewId }, { signal: mine.signal })
    for await (const event of events) {
      if (mine.signal.aborted) return
      take(event)
    }
    const { overview } = overviewDesk.get()
    if (!overview) return
    overviewDesk.set({
      earlier: [overview, ...overviewDesk.get().earlier.filter((each) => each.overviewId !== overviewId)],
    })
    if (overview.failure) overviewDesk.set({ problem: overview.failure })
    await propose()
  } catch (error) {
    if (!mine.signal.aborted) overviewDesk.set({ problem: describeProblem(error) })
  }
}

function take({ overview, places, activity, secondsLeft }: OverviewEvent): void {
  overviewDesk.set({ overview, activity, secondsLeft, places: [...overviewDesk.get().places, ...places] })
}

export async function stopLooking(): Promise<void> {
  const { overview } = overviewDesk.get()
  if (overview?.state !== 'looking') return
  try {
    await bench.overview.abort({ overviewId: overview.overviewId })
    announce('Stopped. What was seen so far is kept.')
  } catch (error) {
    overviewDesk.set({ problem: describeProblem(error) })
  }
}

/** The window looks away; the overview goes on. */
export function leaveOverviews(): void {
  watching?.abort()
  watching = null
}

/** Asks for areas, with what is excluded left out, and marks the best unless a person has drawn one. */
async function propose(): Promise<void> {
  const { overview, targetCells, excluded } = overviewDesk.get()
  if (!overview || overview.places === 0) return
  try {
    const { areas } = await bench.overview.propose({
      overviewId: overview.overviewId,
      excluded: [...excluded],
      ...(targetCells !== null && { targetCells }),
    })
    // A person goes on meanwhile: what was excluded since is asked for anew, and what was drawn since stays chosen.
    const now = overviewDesk.get()
    if (now.overview?.overviewId !== overview.overviewId || now.excluded !== excluded) return
    overviewDesk.set({ areas })
    if (now.choice?.kind === 'drawn') await askOutlook()
    else await choose(areas.length > 0 ? { kind: 'proposed', rank: 1 } : null)
    if (areas.length === 0) announce('No area is proposed: nothing that was looked at is countable.')
  } catch (error) {
    overviewDesk.set({ problem: describeProblem(error) })
  }
}

export async function choose(choice: Choice): Promise<void> {
  overviewDesk.set({ choice })
  await askOutlook()
}

/** The rectangles of what is chosen; empty: nothing is. */
export function chosenRects({ choice, areas, drawn }: OverviewDesk): readonly StageRect[] {
  if (choice === null) return []
  if (choice.kind === 'drawn') return drawn
  return areas?.find(({ rank }) => rank === choice.rank)?.rects ?? []
}

let outlooks = 0

async function askOutlook(): Promise<void> {
  const mine = ++outlooks
  const state = overviewDesk.get()
  const rects = chosenRects(state)
  overviewDesk.set({ outlook: null })
  if (!state.overview || rects.length === 0) return
  try {
    const outlook = await bench.overview.expect({
      overviewId: state.overview.overviewId,
      rects: [...rects],
      excluded: [...state.excluded],
      targetCells: state.targetCells,
    })
    if (mine === outlooks) overviewDesk.set({ outlook })
  } catch (error) {
    overviewDesk.set({ problem: describeProblem(error) })
  }
}

/** A rectangle drawn with the tool in hand, or by a key: another part of an area, or something to leave out. */
export async function addRect(rect: StageRect, tool = overviewDesk.get().tool): Promise<void> {
  const { drawn, excluded } = overviewDesk.get()
  if (tool === 'exclude') {
    overviewDesk.set({ excluded: [...excluded, rect] })
    announce('Excluded.')
    await propose()
    return
  }
  overviewDesk.set({ drawn: [...drawn, rect], choice: { kind: 'drawn' } })
  announce('Drawn.')
  await askOutlook()
}

/** Takes back the newest rectangle of the tool in hand. */
export async function takeBack(): Promise<void> {
  const { tool, drawn, excluded, areas } = overviewDesk.get()
  if (tool === 'exclude') {
    if (excluded.length === 0) return
    overviewDesk.set({ excluded: excluded.slice(0, -1) })
    await propose()
    return
  }
  if (drawn.length === 0) return
  const left = drawn.slice(0, -1)
  const fallBack: Choice = areas?.length ? { kind: 'proposed', rank: 1 } : null
  overviewDesk.set({ drawn: left })
  await choose(left.length > 0 ? { kind: 'drawn' } : fallBack)
}

/** What a run is told; null: nothing is chosen. */
export function acceptedArea(): ScanArea | null {
  const state = overviewDesk.get()
  const rects = chosenRects(state)
  if (rects.length === 0 || !state.overview) return null
  return { overviewId: state.overview.overviewId, rects: [...rects], excluded: [...state.excluded] }
}
