import { ORPCError } from '@orpc/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bench, openBench } from '../../src/main/bench/bench.ts'
import type { RunSummary } from '../../src/shared/contract/runs.ts'
import type { StopRule, StopWhen } from '../../src/shared/contract/stopping.ts'
import { temporaryFolder } from '../support/data-folder.ts'

/** Half of its cells are blasts: a threshold is cleared after a few fields. */
const rig = { kind: 'simulated', profile: 'aml', seed: 4, timeScale: 1000 } as const
const clear: Extract<StopRule, { kind: 'separation' }> = { kind: 'separation', classes: ['BLA'], percent: 10 }
const never: StopRule = { kind: 'cells', cells: 1_000_000 }

let bench: Bench
const dataFolder = temporaryFolder()
beforeAll(async () => {
  bench = await openBench({ dataFolder })
})
afterAll(() => bench.close())

async function over(runId: number): Promise<RunSummary> {
  for await (const { run } of await bench.client.runs.events({ runId }))
    if (run.failure) throw new Error(run.failure.message)
  return bench.client.runs.get({ runId })
}

async function refusal(work: Promise<unknown>): Promise<ORPCError<string, unknown>> {
  try {
    await work
  } catch (error) {
    if (error instanceof ORPCError) return error
    throw error
  }
  throw new Error('it was not refused')
}

describe('a run with stop rules', { timeout: 240_000 }, () => {
  let runId: number

  it('stops when all rules of one alternative are met, says which, and keeps it', async () => {
    const stopWhen: StopWhen = [[never], [clear, { kind: 'cells', cells: 40 }]]
    const started = await bench.client.runs.start({ rig, stopWhen })
    runId = started.runId
    // A plain number of cells has one place.
    expect(started).toMatchObject({ targetCells: 1_000_000, stopWhen: [[clear, { kind: 'cells', cells: 40 }]] })
    const run = await over(runId)
    expect(run).toMatchObject({ state: 'finished', stopped: 'rule' })
    expect(run.counted).toBeGreaterThanOrEqual(40)
    expect(run.stoppedBy).toMatchObject([
      { rule: clear, met: true, problem: null, share: { side: 'above' } },
      { rule: { kind: 'cells', cells: 40 }, met: true },
    ])
    expect(run.stoppedBy![0].share!.low).toBeGreaterThan(10)
    expect(run.scanningSeconds).toBeGreaterThan(0)
    const { alternatives } = await bench.client.runs.stopping({ runId })
    expect(alternatives[0]).toMatchObject([{ rule: never, met: false, cellsNeeded: 1_000_000 - run.counted }])
    expect(alternatives[1].every(({ met }) => met)).toBe(true)
  })

  it('goes on when it is given another rule, from where it was', async () => {
    const before = await bench.client.runs.get({ runId })
    expect((await refusal(bench.client.runs.resume({ runId }))).code).toBe('run-not-active')
    await bench.client.runs.resume({ runId, stop: { targetCells: before.counted + 30, stopWhen: [] } })
    const run = await over(runId)
    expect(run).toMatchObject({ state: 'finished', stopped: 'cells', stoppedBy: null, stopWhen: [] })
    expect(run.counted).toBeGreaterThanOrEqual(before.counted + 30)
    expect(run.fields).toBeGreaterThan(before.fields)
    expect(run.scanningSeconds).toBeGreaterThan(before.scanningSeconds)
    const fields = (await bench.client.slide.fields({ runId, after: 0 })).fields.map(({ index }) => index)
    expect(fields).toEqual(fields.map((_, i) => i))
  })

  it('stops at once by a rule that is met already', async () => {
    const before = await bench.client.runs.get({ runId })
    await bench.client.runs.resume({ runId, stop: { targetCells: null, stopWhen: [[clear]] } })
    expect(await over(runId)).toMatchObject({ stopped: 'rule', fields: before.fields })
  })

  it('keeps its rules over an interruption, and stops by them after it', async () => {
    const stopWhen: StopWhen = [
      [
        { ...clear, percent: 20 },
        { kind: 'cells', cells: 60 },
      ],
    ]
    const started = await bench.client.runs.start({ rig: { ...rig, seed: 5, timeScale: 5 }, stopWhen })
    await bench.close()
    bench = await openBench({ dataFolder })
    expect(await bench.client.runs.get({ runId: started.runId })).toMatchObject({ state: 'interrupted', stopWhen })
    await bench.client.runs.resume({ runId: started.runId })
    expect(await over(started.runId)).toMatchObject({
      stopped: 'rule',
      stopWhen,
      stoppedBy: [{ met: true }, { met: true }],
    })
  })

  it('stops by time, of scanning alone', async () => {
    const time = { kind: 'time', minutes: 0.02 } as const
    const started = await bench.client.runs.start({ rig: { ...rig, timeScale: 1 }, stopWhen: [[time]] })
    const run = await over(started.runId)
    expect(run).toMatchObject({ stopped: 'rule', stoppedBy: [{ rule: time, met: true }] })
    const again = bench.client.runs.resume({ runId: started.runId, stop: { targetCells: null, stopWhen: [[time]] } })
    expect(await again.then(() => over(started.runId))).toMatchObject({ stopped: 'rule', fields: run.fields })
  })

  it('refuses rules that could never be met, and changes none while it goes on', async () => {
    const images = { kind: 'folder', images: dataFolder, pixelSizeUm: 0.1, watch: true } as const
    const plasma: StopRule = { kind: 'separation', classes: ['PLM'], percent: 10 }
    const refused = await refusal(bench.client.runs.start({ rig: images, stopWhen: [[plasma]] }))
    expect(refused.code).toBe('invalid-input')
    expect(refused.message).toContain('never tried on a real image of: plasma cell')
    const started = await bench.client.runs.start({ rig, stopWhen: [[clear, never]] })
    const stop = { targetCells: 50, stopWhen: [] }
    expect((await refusal(bench.client.runs.resume({ runId: started.runId, stop }))).code).toBe('run-active')
    await bench.client.runs.stop({ runId: started.runId })
    const empty: StopWhen = [[]]
    expect((await refusal(bench.client.runs.start({ rig, stopWhen: empty }))).code).toBe('invalid-input')
  })
})
