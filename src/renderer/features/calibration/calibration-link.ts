import type { Calibration, CalibrationKind } from '../../../shared/contract/calibration.ts'
import type { StageRigSettings } from '../../../shared/contract/microscope.ts'
import { bench } from '../../app/bench.ts'
import { desk } from '../../app/desk.ts'
import { announce } from '../../app/notices.ts'
import { describeProblem, type Problem } from '../../app/problem.ts'
import { createStore, useSelected } from '../../ui/store.ts'

/** A microscope that can be calibrated. */
export interface RigChoice {
  readonly key: string
  readonly title: string
  readonly settings: StageRigSettings
}

export type Known = Awaited<ReturnType<typeof bench.calibration.list>>

export type Measuring =
  | { readonly state: 'working'; readonly activity: string; readonly done: number; readonly of: number }
  | { readonly state: 'measured'; readonly calibration: Calibration }
  | { readonly state: 'stopped' }
  | { readonly state: 'failed'; readonly problem: Problem }

interface Wizard {
  /** null: not looked yet. */
  readonly rigs: readonly RigChoice[] | null
  readonly chosen: string | null
  /** As typed; empty: the microscope has one, or nobody says which. */
  readonly objective: string
  /** What is known of it; null: not read yet. */
  readonly known: Known | null
  readonly kind: CalibrationKind
  /** What is being measured, or came of it; null: nothing was. */
  readonly measuring: (Measuring & { readonly kind: CalibrationKind }) | null
  readonly problem: Problem | null
}

const store = createStore<Wizard>({
  rigs: null,
  chosen: null,
  objective: '',
  known: null,
  kind: 'pixel-size',
  measuring: null,
  problem: null,
})
export const useWizard = <Part>(select: (state: Wizard) => Part): Part => useSelected(store, select)

/** The microscope that nobody knows, for trying: its camera is turned, its stage has play. */
const UNKNOWN_RIG: RigChoice = {
  key: 'simulated',
  title: 'Simulated microscope, put together at random',
  settings: { kind: 'simulated', profile: 'normal', seed: 1, timeScale: 10, mount: 1, stage: 'good', objective: null },
}

/** Which microscopes there are: the one in hand first, then the rig files, then the simulated one. */
export async function openWizard(): Promise<void> {
  store.set({ problem: null, measuring: null })
  try {
    const [{ rig }, { rigs }] = await Promise.all([bench.microscope.view(), bench.rigs.list()])
    const files = rigs.flatMap(({ rigId, rig: file }): RigChoice[] =>
      file === null || rigId === rig?.rigId
        ? []
        : [{ key: rigId, title: file.name, settings: { kind: 'microscope', rig: file, objective: null } }],
    )
    const inHand = rig ? [{ key: 'in-hand', title: `${rig.name} (connected)`, settings: rig.settings }] : []
    const choices = [...inHand, ...files, UNKNOWN_RIG]
    const { chosen } = store.get()
    const still = choices.find(({ key }) => key === chosen) ?? choices[0]!
    store.set({ rigs: choices, chosen: still.key, objective: still.settings.objective ?? store.get().objective })
    await readKnown()
  } catch (error) {
    store.set({ problem: describeProblem(error) })
  }
}

export function chooseRig(key: string): void {
  const choice = store.get().rigs?.find((each) => each.key === key)
  if (!choice) return
  store.set({ chosen: key, objective: choice.settings.objective ?? '', known: null, measuring: null })
  void readKnown()
}

export function nameObjective(objective: string): void {
  store.set({ objective, measuring: null })
  void readKnown()
}

export const chooseKind = (kind: CalibrationKind): void => store.set({ kind })

function settingsNow(): StageRigSettings | null {
  const { rigs, chosen, objective } = store.get()
  const settings = rigs?.find(({ key }) => key === chosen)?.settings
  const named = objective.trim()
  return settings ? { ...settings, objective: named === '' ? null : named.slice(0, 40) } : null
}

let reading = 0

async function readKnown(): Promise<void> {
  const rig = settingsNow()
  if (!rig) return
  const mine = ++reading
  try {
    const known = await bench.calibration.list({ rig })
    if (mine === reading) store.set({ known, problem: null })
  } catch (error) {
    if (mine === reading) store.set({ problem: describeProblem(error) })
  }
}

let abort: AbortController | null = null

/** Nothing is kept of a measurement that is stopped or fails. */
export async function measure(): Promise<void> {
  const rig = settingsNow()
  if (!rig || abort) return
  const mine = new AbortController()
  abort = mine
  const { kind } = store.get()
  const tell = (measuring: Measuring): void => store.set({ measuring: { ...measuring, kind } })
  tell({ state: 'working', activity: 'opening the microscope', done: 0, of: 1 })
  try {
    const events = await bench.calibration.measure({ rig, kind }, { signal: mine.signal })
    for await (const event of events) {
      tell(event)
      if (event.state === 'measured') announce('Measured, kept and in use.')
    }
  } catch (error) {
    tell(mine.signal.aborted ? { state: 'stopped' } : { state: 'failed', problem: describeProblem(error) })
  } finally {
    abort = null
    await readKnown()
  }
}

export function stopMeasuring(): void {
  abort?.abort()
}

export function closeWizard(): void {
  stopMeasuring()
  desk.set({ dialog: null })
}
