import { ORPCError } from '@orpc/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bench, openBench } from '../../src/main/bench/bench.ts'
import type { RunEvent, RunSummary } from '../../src/shared/contract/runs.ts'
import type { Field } from '../../src/shared/contract/slide.ts'
import { temporaryFolder } from '../support/data-folder.ts'

const rig = { kind: 'simulated', profile: 'normal', seed: 3, timeScale: 20 } as const

let bench: Bench
const dataFolder = temporaryFolder()
beforeAll(async () => {
  bench = await openBench({ dataFolder })
})
afterAll(() => bench.close())

/** Follows a run until an event satisfies the condition. */
async function until(runId: number, condition: (event: RunEvent) => boolean): Promise<RunEvent> {
  const abort = new AbortController()
  try {
    for await (const event of await bench.client.runs.events({ runId }, { signal: abort.signal })) {
      if (condition(event)) return event
    }
  } finally {
    abort.abort()
  }
  throw new Error(`run ${runId} ended before that`)
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'none'
  } catch (error) {
    if (error instanceof ORPCError) return error.code
    throw error
  }
}

/** What each call does to a run in each state: the state after it, or the error's code. */
type Call = 'pause' | 'resume' | 'stop'
const TABLE: [RunSummary['state'], Call, string][] = [
  ['scanning', 'pause', 'paused'],
  ['scanning', 'resume', 'scanning'],
  ['scanning', 'stop', 'finished'],
  ['paused', 'pause', 'paused'],
  ['paused', 'resume', 'scanning'],
  ['paused', 'stop', 'finished'],
  ['finished', 'pause', 'run-not-active'],
  ['finished', 'resume', 'run-not-active'],
  ['finished', 'stop', 'run-not-active'],
  ['interrupted', 'pause', 'run-not-active'],
  ['interrupted', 'resume', 'scanning'],
  ['interrupted', 'stop', 'finished'],
]

async function runIn(state: RunSummary['state']): Promise<number> {
  const { runId } = await bench.client.runs.start({ rig, targetCells: 100000 })
  if (state === 'scanning') return runId
  if (state === 'paused') await bench.client.runs.pause({ runId })
  if (state === 'finished') await bench.client.runs.stop({ runId })
  if (state === 'interrupted') {
    await bench.close()
    bench = await openBench({ dataFolder })
  }
  return runId
}

describe('calls on a run in each state', () => {
  it.each(TABLE)('%s, %s: %s', async (state, call, expected) => {
    const runId = await runIn(state)
    expect((await bench.client.runs.get({ runId })).state).toBe(state)
    if (/^run-/.test(expected)) expect(await codeOf(bench.client.runs[call]({ runId }))).toBe(expected)
    else {
      await bench.client.runs[call]({ runId })
      expect((await bench.client.runs.get({ runId })).state).toBe(expected)
    }
    if ((await bench.client.system.info()).activeRunId === runId) await bench.client.runs.stop({ runId })
    expect((await bench.client.system.info()).activeRunId).toBeNull()
  })

  it('knows no run that is not there', async () => {
    for (const call of ['get', 'pause', 'resume', 'stop', 'differential'] as const) {
      expect(await codeOf(bench.client.runs[call]({ runId: 999 })), call).toBe('not-found')
    }
    expect(await codeOf(bench.client.runs.get({ runId: -1 }))).toBe('invalid-input')
  })
})

describe('a run', () => {
  it('is the only one: a second start is refused and changes nothing', async () => {
    const { runId } = await bench.client.runs.start({ rig, targetCells: 100000 })
    expect(await codeOf(bench.client.runs.start({ rig, targetCells: 10 }))).toBe('run-active')
    expect((await bench.client.system.info()).activeRunId).toBe(runId)
    await bench.client.runs.stop({ runId })
  })

  it('tells its events in order and ends the stream when it is over', async () => {
    const { runId } = await bench.client.runs.start({ rig, targetCells: 60 })
    const seen: RunEvent[] = []
    for await (const event of await bench.client.runs.events({ runId })) seen.push(event)
    const last = seen.at(-1)!
    expect(last.run).toMatchObject({ state: 'finished', stopped: 'cells' })
    expect(last.run.counted).toBeGreaterThanOrEqual(60)
    for (let i = 1; i < seen.length; i++) {
      expect(seen[i].run.cells).toBeGreaterThanOrEqual(seen[i - 1].run.cells)
      expect(seen[i].revision).toBeGreaterThanOrEqual(seen[i - 1].revision)
    }
    const { cells, revision } = await bench.client.cells.changes({ runId, after: 0 })
    expect(cells).toHaveLength(last.run.cells)
    expect(revision).toBeLessThanOrEqual(last.revision)
    // Who reads them from the start has every field told, in step with the count, and need not ask for any.
    const told = new Map<number, Field>()
    for (const { run, fields } of seen) {
      expect(fields.after).toBe(Math.max(0, ...[...told.values()].map((field) => field.revision)))
      for (const field of fields.changed) told.set(field.index, field)
      expect(told.size).toBe(run.fields)
    }
    expect([...told.values()]).toEqual((await bench.client.slide.fields({ runId })).fields)
  })

  it('stands still while it is paused', async () => {
    const { runId } = await bench.client.runs.start({ rig, targetCells: 100000 })
    await until(runId, (event) => event.run.fields >= 2)
    await bench.client.runs.pause({ runId })
    const paused = await until(runId, (event) => event.activity === 'paused')
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect((await bench.client.runs.get({ runId })).fields).toBe(paused.run.fields)
    await bench.client.runs.resume({ runId })
    await until(runId, (event) => event.run.fields > paused.run.fields)
    const stopped = await bench.client.runs.stop({ runId })
    expect(stopped).toMatchObject({ state: 'finished', stopped: 'user' })
  })

  it('keeps a label that a person gave, and takes it back', async () => {
    const { runId } = await bench.client.runs.start({ rig, targetCells: 30 })
    await until(runId, (event) => event.run.state === 'finished')
    const [cell] = (await bench.client.cells.list({ runId })).cells
    const other = cell.class === 'PLM' ? 'HAC' : 'PLM'
    const [relabelled] = (await bench.client.cells.relabel({ cellIds: [cell.id], class: other, reader: 'test' })).cells
    expect(relabelled).toMatchObject({ class: other, machineClass: cell.machineClass, reader: 'test' })
    const machine = await bench.client.runs.differential({ runId, view: 'machine' })
    const reviewed = await bench.client.runs.differential({ runId, view: 'reviewed' })
    const countOf = (differential: typeof machine) => differential.rows.find((row) => row.class === other)!.count
    expect(countOf(reviewed)).toBe(countOf(machine) + 1)
    const [undone] = (await bench.client.cells.undo({ cellIds: [cell.id], reader: 'test' })).cells
    expect(undone).toMatchObject({ class: cell.class, reader: null })
  })
})
