import type { MicroscopeView } from '../../../shared/contract/microscope.ts'
import type { StoredRig } from '../../../shared/contract/rigs.ts'
import { bench } from '../../app/bench.ts'
import { describeProblem, type Problem } from '../../app/problem.ts'
import { pause, retryDelayMs } from '../../app/run-link.ts'
import { loadSetting, saveSetting } from '../../app/settings.ts'
import { createStore, useSelected } from '../../ui/store.ts'

interface MicroscopeStore {
  /** null: not told yet. */
  readonly view: MicroscopeView | null
  /** Rig files of the data folder; null: not read yet. */
  readonly rigs: readonly StoredRig[] | null
  readonly rigFolder: string
  /** The large view of the microscope is in the middle of the window. */
  readonly shown: boolean
  /** What stood in the way of the last request; null: nothing did. */
  readonly problem: Problem | null
  /** Micrometres of one step sideways, and up or down. */
  readonly stepXyUm: number
  readonly stepZUm: number
}

export const microscopeStore = createStore<MicroscopeStore>({
  view: null,
  rigs: null,
  rigFolder: '',
  shown: false,
  problem: null,
  stepXyUm: loadSetting('step-xy-um', 20),
  stepZUm: loadSetting('step-z-um', 1),
})
export const useMicroscope = <Part>(select: (state: MicroscopeStore) => Part): Part =>
  useSelected(microscopeStore, select)

/** Keeps the view up to date for as long as the window lives. */
export async function followMicroscope(): Promise<void> {
  void readRigs()
  for (let attempt = 0; ; attempt++) {
    try {
      for await (const view of await bench.microscope.events()) {
        attempt = 0
        microscopeStore.set({ view })
      }
    } catch {
      // The connection's state is told by the run's link; this one comes back with it.
    }
    await pause(retryDelayMs(attempt))
  }
}

export async function readRigs(): Promise<void> {
  try {
    const { folder, rigs } = await bench.rigs.list()
    microscopeStore.set({ rigs, rigFolder: folder })
  } catch (error) {
    microscopeStore.set({ problem: describeProblem(error) })
  }
}

export function chooseStep(step: Partial<Pick<MicroscopeStore, 'stepXyUm' | 'stepZUm'>>): void {
  microscopeStore.set(step)
  if (step.stepXyUm !== undefined) saveSetting('step-xy-um', step.stepXyUm)
  if (step.stepZUm !== undefined) saveSetting('step-z-um', step.stepZUm)
}

/** The rig file of what is connected; null: none is, or it was not saved. */
export function connectedRig({ view, rigs }: Pick<MicroscopeStore, 'view' | 'rigs'>): StoredRig | null {
  const connected = view?.rig
  if (connected?.settings.kind !== 'microscope') return null
  const { rigId, settings } = connected
  const said = JSON.stringify(settings.rig)
  // Tried before it was saved, it is known by what it says.
  return rigs?.find((each) => each.rigId === rigId || JSON.stringify(each.rig) === said) ?? null
}
