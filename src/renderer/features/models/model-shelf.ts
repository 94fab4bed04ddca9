import type { StoredModel, Verification } from '../../../shared/contract/models.ts'
import { bench } from '../../app/bench.ts'
import { desk } from '../../app/desk.ts'
import { announce } from '../../app/notices.ts'
import { describeProblem, type Problem } from '../../app/problem.ts'
import { refreshReadings } from '../../app/run-link.ts'
import { examine } from '../../app/start.ts'
import { createStore, useSelected } from '../../ui/store.ts'

export type Shelf = Awaited<ReturnType<typeof bench.models.list>>
export type Checking =
  | { readonly state: 'working'; readonly activity: string; readonly done: number; readonly of: number }
  | { readonly state: 'ready'; readonly verification: Verification }
  | { readonly state: 'failed'; readonly problem: Problem }

export type Rereading =
  | { readonly state: 'working'; readonly done: number; readonly of: number; readonly secondsLeft: number | null }
  | { readonly state: 'ready'; readonly cells: number; readonly same: number }
  | { readonly state: 'failed'; readonly problem: Problem }

interface ModelShelf {
  /** null: not read yet. */
  readonly shelf: Shelf | null
  /** What is going on, in words; null: nothing. */
  readonly busy: string | null
  /** What stood in the way of the last request; null: nothing did. */
  readonly problem: Problem | null
  /** By NAME@VERSION. */
  readonly checks: ReadonlyMap<string, Checking>
  /** The run on the desk read again, and by which model; null: it is not. */
  readonly reread: (Rereading & { readonly ref: string }) | null
}

const shelfStore = createStore<ModelShelf>({ shelf: null, busy: null, problem: null, checks: new Map(), reread: null })
export const useShelf = <Part>(select: (state: ModelShelf) => Part): Part => useSelected(shelfStore, select)

export const refOf = ({ name, version }: Pick<StoredModel, 'name' | 'version'>): string => `${name}@${version}`

/** One request at a time; what is wrong with it is told beside the list. Resolves whether it went well. */
async function ask(busy: string, work: () => Promise<void>): Promise<boolean> {
  if (shelfStore.get().busy !== null) return false
  shelfStore.set({ busy, problem: null })
  try {
    await work()
    return true
  } catch (error) {
    shelfStore.set({ problem: describeProblem(error) })
    return false
  } finally {
    shelfStore.set({ busy: null })
  }
}

const read = async (): Promise<void> => shelfStore.set({ shelf: await bench.models.list() })

export const readShelf = (): Promise<boolean> => ask('Looking…', read)

export const addModel = (path: string): Promise<boolean> =>
  ask('Checking the package: its files, its graph, its test crops…', async () => {
    const added = await bench.models.add({ path })
    await read()
    announce(`${added.name} ${added.version} is checked and added.`)
  })

export const putToUse = (model: StoredModel, variant: StoredModel['variants'][number]): Promise<boolean> =>
  ask(`Opening ${model.name} ${model.version}…`, async () => {
    const used = await bench.models.use({ model: refOf(model), variant })
    await read()
    desk.set({ system: await bench.system.info() })
    void examine()
    announce(`${used.name} ${used.version} is in use from now on, for new scans.`)
  })

export const removeModel = (model: StoredModel): Promise<boolean> =>
  ask(`Removing ${model.name} ${model.version}…`, async () => {
    await bench.models.remove({ model: refOf(model) })
    await read()
    announce(`${model.name} ${model.version} is removed. What it said of cells is kept.`)
  })

let rereading: AbortController | null = null

/** Has a model read the cells of the run on the desk again; what was said before stays beside it. */
export async function rereadWith(model: StoredModel): Promise<void> {
  const { run } = desk.get()
  if (!run || rereading) return
  const abort = new AbortController()
  rereading = abort
  const ref = refOf(model)
  const tell = (reread: Rereading | null): void => shelfStore.set({ reread: reread && { ...reread, ref } })
  tell({ state: 'working', done: 0, of: run.cells, secondsLeft: null })
  try {
    const events = await bench.runs.reread({ runId: run.runId, model: ref }, { signal: abort.signal })
    for await (const event of events) {
      if (event.state === 'working') tell(event)
      else tell({ state: 'ready', cells: event.agreement.cells, same: event.agreement.same })
    }
  } catch (error) {
    tell(abort.signal.aborted ? null : { state: 'failed', problem: describeProblem(error) })
  } finally {
    rereading = null
    void refreshReadings()
  }
}

/** What was read so far is kept: asked again, it goes on from there. */
export function stopRereading(): void {
  rereading?.abort()
}

let verifying: AbortController | null = null

/** Measures again what the package states; on the images in a folder, where one is given. */
export async function verifyModel(model: StoredModel, dataFolder: string | null): Promise<void> {
  verifying?.abort()
  const abort = new AbortController()
  verifying = abort
  const ref = refOf(model)
  const tell = (check: Checking): void => {
    if (!abort.signal.aborted) shelfStore.set({ checks: new Map(shelfStore.get().checks).set(ref, check) })
  }
  tell({ state: 'working', activity: 'opening', done: 0, of: 0 })
  try {
    for await (const event of await bench.models.verify({ model: ref, dataFolder }, { signal: abort.signal }))
      tell(event)
  } catch (error) {
    tell({ state: 'failed', problem: describeProblem(error) })
  }
}

/** Gives a check up; what was found before stays. */
export function stopVerifying(): void {
  verifying?.abort()
  const checks = new Map([...shelfStore.get().checks].filter(([, check]) => check.state !== 'working'))
  shelfStore.set({ checks })
}
