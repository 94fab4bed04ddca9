import type { TallyPurpose } from '../../../shared/contract/counted-areas.ts'
import type { Sitting, SittingState, TallyPlace } from '../../../shared/contract/tally.ts'
import { counterWords } from '../../../shared/ledger/words.ts'
import { type ClassCode, cellClass } from '../../../shared/taxonomy.ts'
import { bench } from '../../app/bench.ts'
import { desk } from '../../app/desk.ts'
import { withReader } from '../../app/dialogs.ts'
import { announce } from '../../app/notices.ts'
import { describeProblem } from '../../app/problem.ts'
import { openRun } from '../../app/run-link.ts'
import { saveSetting } from '../../app/settings.ts'
import { showBench } from '../microscope/microscope-actions.ts'
import { play, type Sound } from './counter-sound.ts'
import { lookingAt } from './tally-place.ts'
import { tallyStore } from './tally-store.ts'

/** One after the other: a key pressed while the one before is on its way is not lost. */
let queue: Promise<unknown> = Promise.resolve()

function inTurn(work: () => Promise<void>): Promise<void> {
  const done = queue.then(async () => {
    tallyStore.set({ problem: null })
    try {
      await work()
    } catch (error) {
      sound('refused')
      tallyStore.set({ problem: describeProblem(error) })
    }
  })
  queue = done
  return done
}

function sound(name: Sound): void {
  if (tallyStore.get().sound === 'on') play(name)
}

export function toggleTally(): void {
  if (tallyStore.get().shown) {
    stopCounting()
    tallyStore.set({ shown: false })
    return
  }
  tallyStore.set({ shown: true })
  void readSittings()
  // Nothing is there to count on yet but the microscope.
  if (desk.get().run === null) showBench(true)
}

export function switchSound(): void {
  const now = tallyStore.get().sound === 'on' ? 'off' : 'on'
  tallyStore.set({ sound: now })
  saveSetting('tally-sound', now)
}

/** The sittings of the case that is shown; without a run, of the newest case. */
export async function readSittings(): Promise<void> {
  const caseId = desk.get().run?.caseId ?? desk.get().cases?.[0]?.caseId ?? null
  if (caseId === null) return tallyStore.set({ caseId: null, sittings: [] })
  try {
    const { sittings } = await bench.tally.list({ caseId })
    tallyStore.set({ caseId, sittings })
  } catch (error) {
    tallyStore.set({ problem: describeProblem(error) })
  }
}

export interface NewCount {
  /** null: a case of this number is made first. */
  readonly caseId: number | null
  readonly accession: string
  readonly place: TallyPlace
  readonly purpose: TallyPurpose
  readonly targetCells: number | null
}

export function startCounting(count: NewCount): void {
  withReader((reader) => {
    void inTurn(async () => {
      const caseId = count.caseId ?? (await bench.cases.create({ accession: count.accession })).caseId
      const { place, purpose, targetCells } = count
      const runId = place === 'slide' ? (desk.get().run?.runId ?? null) : null
      const state = await bench.tally.start({ caseId, reader, place, purpose, targetCells, runId })
      if (count.caseId === null) desk.set({ cases: (await bench.cases.list()).cases })
      begin(state)
      await readSittings()
    })
  })
}

/** Goes on with a sitting of before, where it was begun. */
export function continueCounting({ sittingId, runId, place }: Sitting): void {
  void inTurn(async () => {
    const state = await bench.tally.get({ sittingId })
    if (place === 'slide' && runId !== null && desk.get().run?.runId !== runId) openRun(runId)
    showBench(place === 'live')
    begin(state)
  })
}

/** Whether boxes were shown before they were hidden for a count; null: they were not hidden. */
let boxesBefore: boolean | null = null

function begin(state: SittingState): void {
  const { purpose, place, cells } = state.sitting
  tallyStore.set({ state, counting: true, look: null, last: '', lastClass: null, rungAt: null })
  // Boxes and their names would tell what the machine said before the person has.
  if (purpose === 'compare' && place === 'slide') {
    boxesBefore ??= desk.get().boxesShown
    desk.set({ boxesShown: false })
  }
  announce(
    cells === 0 ? 'Counting by hand: one key a class, Backspace takes back.' : `Counting goes on after ${cells} cells.`,
  )
  void refreshLook()
}

export function stopCounting(): void {
  if (!tallyStore.get().counting) return
  const { state, sittings } = tallyStore.get()
  const stands = state!.sitting
  if (boxesBefore !== null) desk.set({ boxesShown: boxesBefore })
  boxesBefore = null
  tallyStore.set({
    counting: false,
    look: null,
    sittings: sittings.map((each) => (each.sittingId === stands.sittingId ? stands : each)),
  })
  announce('Counting by hand stopped. It can be gone on with at any time.')
  void readSittings()
  void refreshOnSlide()
}

/** One cell of the class, where the person looks. */
export function countCell(code: ClassCode): void {
  const before = tallyStore.get().state
  if (!before) return
  const at = lookingAt(before.sitting)
  if (at === null) {
    sound('refused')
    tallyStore.set({ problem: ELSEWHERE })
    return
  }
  const { sittingId } = before.sitting
  void inTurn(async () => {
    const { look, ...state } = await bench.tally.count({ sittingId, class: code, at })
    const { counted, targetCells } = state.sitting
    const rings = targetCells !== null && counted > 0 && counted % targetCells === 0 && cellClass(code).counted
    tallyStore.set({
      state,
      look,
      last: `${cellClass(code).name} ${countOf(state, code)}`,
      lastClass: code,
      rungAt: rings ? counted : null,
    })
    sound(rings ? 'ring' : 'tick')
    if (rings) announce(`${counted} cells are counted.`)
  })
}

const ELSEWHERE = {
  message: 'The slide that is counted on is not shown, so nothing was counted.',
  remedy: 'Go back to it, or begin another count here.',
  code: 'invalid-input' as const,
}

export function takeBack(): void {
  const { state } = tallyStore.get()
  if (!state) return
  const { sittingId } = state.sitting
  void inTurn(async () => {
    const { undone, ...after } = await bench.tally.undo({ sittingId })
    const last = undone === null ? 'Nothing to take back' : `Taken back: ${cellClass(undone).name}`
    tallyStore.set({ state: after, last, lastClass: undone, rungAt: null })
    if (undone !== null) sound('undo')
  })
}

export function sayMoved(): void {
  const { caseId } = tallyStore.get()
  if (caseId === null) return
  withReader((reader) => {
    void inTurn(async () => {
      await bench.tally.slideMoved({ caseId, reader })
      announce('Noted. Places from before are not compared with those from now on.')
      void refreshLook()
      void refreshOnSlide()
    })
  })
}

const countOf = ({ counts }: SittingState, code: ClassCode): number =>
  counts.find((each) => each.class === code)?.count ?? 0

let looking = false
let lookAgain = false

/** What was counted already where the person looks now; one question at a time. */
export async function refreshLook(): Promise<void> {
  const { state, counting } = tallyStore.get()
  if (!state || !counting) return
  if (looking) {
    lookAgain = true
    return
  }
  looking = true
  try {
    const { caseId, sittingId } = state.sitting
    const at = lookingAt(state.sitting)
    if (at === null) return tallyStore.set({ look: null })
    const look = await bench.tally.look({ caseId, sittingId, at })
    if (!tallyStore.get().counting) return
    tallyStore.set({ look })
  } catch (error) {
    tallyStore.set({ problem: describeProblem(error) })
  } finally {
    looking = false
    if (lookAgain) {
      lookAgain = false
      void refreshLook()
    }
  }
}

/** What people counted on the slide that is shown. */
export async function refreshOnSlide(): Promise<void> {
  const runId = desk.get().run?.runId
  if (runId === undefined) return tallyStore.set({ onSlide: null })
  try {
    const { areas } = await bench.tally.onSlide({ runId })
    const onSlide = {
      runId,
      areas: areas.map(({ by, area, cells }) => ({ area, label: `${counterWords(by)}: ${cells}` })),
    }
    if (desk.get().run?.runId === runId) tallyStore.set({ onSlide })
  } catch {
    // The run's own link tells of a bench that is gone.
  }
}
