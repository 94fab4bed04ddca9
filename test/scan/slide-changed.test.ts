import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Bench, openBench } from '../../src/main/bench/bench.ts'
import type { RunSummary } from '../../src/shared/contract/runs.ts'
import { temporaryFolder } from '../support/data-folder.ts'
import { ROOT } from '../support/medulla.ts'

let dataFolder: string
let bench: Bench | null = null
beforeEach(() => {
  dataFolder = temporaryFolder()
})
afterEach(async () => {
  await bench?.close()
  bench = null
})

async function reopened(): Promise<Bench> {
  await bench?.close()
  bench = await openBench({ dataFolder, model: join(ROOT, 'test/fixtures/models/colour') })
  return bench
}

/** Until the run is over or has this many fields. */
async function followed({ client }: Bench, runId: number, fields: number): Promise<RunSummary> {
  const abort = new AbortController()
  for await (const { run } of await client.runs.events({ runId }, { signal: abort.signal })) {
    if (run.fields >= fields) break
  }
  abort.abort()
  return client.runs.get({ runId })
}

/** Somebody takes the slide out and puts in another. */
function putIn(seed: number): void {
  const database = new Database(join(dataFolder, 'casebook.sqlite'))
  database.prepare("UPDATE run SET rig = json_set(rig, '$.seed', ?)").run(seed)
  database.close()
}

/** A run that was interrupted after some fields, as it was read then; its bench is closed. */
async function interrupted(): Promise<RunSummary> {
  const rig = { kind: 'simulated', profile: 'normal', seed: 31, timeScale: 50 } as const
  let { client } = await reopened()
  // More than it can count before it is interrupted, however late its events are read.
  const { runId } = await client.runs.start({ rig, targetCells: 20_000 })
  await followed(bench!, runId, 3)
  ;({ client } = await reopened())
  const run = await client.runs.get({ runId })
  await bench!.close()
  bench = null
  expect(run).toMatchObject({ state: 'interrupted', slideShift: null })
  return run
}

it('a run does not go on with another slide under the objective, unless somebody insists', {
  timeout: 600_000,
}, async () => {
  const { runId, fields } = await interrupted()
  putIn(32)

  const { client } = await reopened()
  await client.runs.resume({ runId })
  const stopped = await followed(bench!, runId, fields + 1)
  expect(stopped).toMatchObject({ state: 'failed', fields, failure: { code: 'slide-changed' } })
  expect(stopped.failure!.remedy).toMatch(/^Put the slide back/)

  await client.runs.resume({ runId, anyway: true })
  expect((await followed(bench!, runId, fields + 1)).fields).toBeGreaterThan(fields)
})

/** What the stage is sent to from now on lies beside where the images were taken: as if the slide had been nudged. */
function nudge(xUm: number, yUm: number): void {
  const database = new Database(join(dataFolder, 'casebook.sqlite'))
  database
    .prepare(
      "UPDATE run SET plan = json_set(plan, '$.startUm.x', plan ->> '$.startUm.x' + ?, '$.startUm.y', plan ->> '$.startUm.y' + ?)",
    )
    .run(-xUm, -yUm)
  database.close()
}

it('a run that goes on with a slide that was nudged says by how much', { timeout: 600_000 }, async () => {
  const { runId, fields } = await interrupted()
  nudge(11, -6)

  const { client } = await reopened()
  await client.runs.resume({ runId })
  const { slideShift, failure } = await followed(bench!, runId, fields + 1)
  expect(failure).toBeNull()
  expect(Math.abs(slideShift!.xUm - 11)).toBeLessThan(1.5)
  expect(Math.abs(slideShift!.yUm + 6)).toBeLessThan(1.5)
  expect((await client.cases.list()).cases[0].runs[0].slideShift).toEqual(slideShift)
})
