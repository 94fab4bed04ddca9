import type { RigFile } from '../../../shared/contract/rig.ts'
import { bench } from '../../app/bench.ts'
import { announce } from '../../app/notices.ts'
import { describeProblem } from '../../app/problem.ts'
import { microscopeStore, readRigs } from './microscope-store.ts'

type StageRigSettings = Parameters<typeof bench.microscope.connect>[0]['settings']

/** What the simulated microscope of the list is. */
export const SIMULATED: StageRigSettings = { kind: 'simulated', profile: 'normal', seed: 1, timeScale: 1 }

/** Halts so far: what one breaks off was wanted so. */
let halts = 0

/** One request of a person; what stood in its way is shown beside the microscope. Resolves whether it went well. */
async function ask(work: () => Promise<unknown>): Promise<boolean> {
  microscopeStore.set({ problem: null })
  const haltsBefore = halts
  try {
    await work()
    return true
  } catch (error) {
    if (halts === haltsBefore) microscopeStore.set({ problem: describeProblem(error) })
    return false
  }
}

export const connect = (settings: StageRigSettings, rigId: string | null): Promise<boolean> =>
  ask(async () => {
    const { rig } = await bench.microscope.connect({ settings, rigId })
    announce(`${rig?.name ?? 'The microscope'} is connected. Nothing has moved.`)
  })

export const disconnect = (): Promise<boolean> => ask(() => bench.microscope.disconnect())
export const home = (): Promise<boolean> => ask(() => bench.microscope.home())
export const retract = (): Promise<boolean> => ask(() => bench.microscope.retract())
export const goTo = (target: { xUm?: number; yUm?: number; zUm?: number }): Promise<boolean> =>
  ask(() => bench.microscope.goTo(target))
export const configure = (values: Parameters<typeof bench.microscope.configure>[0]): Promise<boolean> =>
  ask(() => bench.microscope.configure(values))

export const halt = (): Promise<boolean> => {
  halts++
  return ask(async () => {
    await bench.microscope.halt()
    announce('Halted.')
  })
}

export const saveRig = (rig: RigFile, rigId: string | null): Promise<boolean> =>
  ask(async () => {
    const saved = await bench.rigs.save({ rig, rigId })
    await readRigs()
    announce(`Saved as ${saved.path}.`)
  })

export const removeRig = (rigId: string): Promise<boolean> =>
  ask(async () => {
    await bench.rigs.remove({ rigId })
    await readRigs()
  })

export function showBench(shown: boolean): void {
  microscopeStore.set({ shown, problem: null })
}
