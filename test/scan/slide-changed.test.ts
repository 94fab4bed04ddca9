import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, expect, it } from 'vitest'
import { type Bench, openBench } from '../../src/main/bench/bench.ts'
import type { RunSummary } from '../../src/shared/contract/runs.ts'
import { temporaryFolder } from '../support/data-folder.ts'
import { ROOT } from '../support/medulla.ts'

const dataFolder = temporaryFolder()

let bench: Bench | null = null
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

it('a run does not go on with another slide under the objective, unless somebody insists', {
  timeout: 600_000,
}, async () => {
  const rig = { kind: 'simulated', profile: 'normal', seed: 31, timeScale: 50 } as const
  let { client } = await reopened()
  // More than it can count before it is interrupted, however late its events are read.
  const { runId } = await client.runs.start({ rig, targetCells: 20_000 })
  await followed(bench!, runId, 3)
  ;({ client } = await reopened())
  const before = await client.runs.get({ runId })
  expect(before.state).toBe('interrupted')
  await bench!.close()
  bench = null
  putIn(32)

  ;({ client } = await reopened())
  await client.runs.resume({ runId })
  const stopped = await followed(bench!, runId, before.fields + 1)
  expect(stopped).toMatchObject({ state: 'failed', fields: before.fields, failure: { code: 'slide-changed' } })
  expect(stopped.failure!.remedy).toMatch(/^Put the slide back/)

  await client.runs.resume({ runId, anyway: true })
  expect((await followed(bench!, runId, before.fields + 1)).fields).toBeGreaterThan(before.fields)
})
