import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { type Bench, openBench } from '../../src/main/bench/bench.ts'
import { RESERVE_BYTES } from '../../src/main/scan/disk-room.ts'
import type { RunEvent } from '../../src/shared/contract/runs.ts'
import { temporaryFolder } from '../support/data-folder.ts'
import { ROOT } from '../support/medulla.ts'
import { emptyVolume, fillVolume, mountVolume } from '../support/volume.ts'

const KIBIBYTES = 300 * 1024
const RIG = { kind: 'simulated', profile: 'normal', seed: 11, timeScale: 20 } as const
const CELLS = 200

const cleanUps: (() => void | Promise<void>)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

const probe = mountVolume(64)
const missing = typeof probe === 'string' ? probe : null
if (typeof probe !== 'string') probe.remove()
if (missing) console.log(`Skipped: a disk that fills during a scan. It ${missing}.`)

async function benchIn(dataFolder: string): Promise<Bench> {
  const bench = await openBench({ dataFolder, model: join(ROOT, 'test/fixtures/models/colour') })
  cleanUps.push(() => bench.close())
  return bench
}

async function found(bench: Bench, runId: number) {
  const { cells } = await bench.client.cells.list({ runId })
  const { fields } = await bench.client.slide.fields({ runId, after: 0 })
  return {
    cells: cells.map(({ id: _id, revision: _revision, ...cell }) => cell),
    fields: fields.map(({ revision: _revision, ...field }) => field),
  }
}

/** Scans on a volume of its own; `act` sees every event and may fill and empty it. */
async function scanOn(act: (event: RunEvent, volume: string, bench: Bench) => void) {
  const volume = mountVolume(KIBIBYTES)
  if (typeof volume === 'string') throw new Error(volume)
  cleanUps.push(() => volume.remove())
  const bench = await benchIn(join(volume.path, 'data'))
  const { runId } = await bench.client.runs.start({ rig: RIG, targetCells: CELLS })
  for await (const event of await bench.client.runs.events({ runId })) act(event, volume.path, bench)
  return { bench, runId, run: await bench.client.runs.get({ runId }) }
}

describe.skipIf(missing)('a disk that fills during a scan', { timeout: 600_000 }, () => {
  let inPeace: ReturnType<typeof found> | null = null
  /** What the same scan finds where nothing fills; scanned once. */
  function quiet() {
    inPeace ??= scanInPeace()
    return inPeace
  }

  async function scanInPeace() {
    const bench = await benchIn(temporaryFolder())
    const { runId } = await bench.client.runs.start({ rig: RIG, targetCells: CELLS })
    for await (const { run } of await bench.client.runs.events({ runId })) expect(run.failure).toBeNull()
    return found(bench, runId)
  }

  it('pauses it before it is full, says so, and lets it go on by itself once there is room', async () => {
    const told: string[] = []
    let filled = false
    let whilePaused: number | null = null
    const { bench, runId, run } = await scanOn(({ run, obstacle, activity }, volume) => {
      if (!filled && run.fields >= 2) {
        filled = true
        fillVolume(volume, RESERVE_BYTES / 2)
      }
      if (!obstacle) return
      expect(run.state).toBe('paused')
      expect(activity).toBe(`paused: ${obstacle.message}`)
      told.push(obstacle.message)
      if (whilePaused === null) {
        whilePaused = run.fields
        setTimeout(() => emptyVolume(volume), 1500)
      }
    })
    expect(told[0]).toMatch(/^Disk nearly full: \d+ MB left, this run needs about \d+ MB more\.$/)
    expect(run).toMatchObject({ state: 'finished', stopped: 'cells', failure: null })
    expect(run.fields).toBeGreaterThan(whilePaused!)
    expect(await found(bench, runId)).toEqual(await quiet())
  })

  it('loses nothing where it is full to the last byte: what could not be written is written later', async () => {
    let filled = false
    let emptied = false
    const { bench, runId, run } = await scanOn(({ run, obstacle }, volume) => {
      if (run.fields >= 2 && !filled) {
        filled = true
        fillVolume(volume, 0)
      }
      if (obstacle && !emptied) {
        expect(obstacle.code).toBe('disk-full')
        emptied = true
        setTimeout(() => emptyVolume(volume), 2500)
      }
    })
    expect(emptied).toBe(true)
    expect(run).toMatchObject({ state: 'finished', stopped: 'cells', failure: null })
    expect(await found(bench, runId)).toEqual(await quiet())
  })

  it('leaves a scan that stands still to be stopped by hand', async () => {
    let filled = false
    let stopping: Promise<unknown> | null = null
    let atStop = 0
    const { bench, run } = await scanOn(({ run, obstacle }, volume, bench) => {
      if (run.fields >= 2 && !filled) {
        filled = true
        fillVolume(volume, RESERVE_BYTES / 2)
      }
      if (!obstacle || stopping) return
      atStop = run.fields
      stopping = bench.client.runs.stop({ runId: run.runId })
    })
    await stopping
    expect(run).toMatchObject({ state: 'finished', stopped: 'user' })
    expect(run.fields).toBeGreaterThanOrEqual(atStop)
    expect((await bench.client.system.info()).activeRunId).toBeNull()
  })

  it('is not begun where the whole of it finds no room, nor a run made', async () => {
    const volume = mountVolume(KIBIBYTES)
    if (typeof volume === 'string') throw new Error(volume)
    cleanUps.push(() => volume.remove())
    const bench = await benchIn(join(volume.path, 'data'))
    await expect(bench.client.runs.start({ rig: RIG })).rejects.toMatchObject({
      code: 'disk-full',
      message: expect.stringMatching(/^Only \d+ MB are free for .*\. This run needs about \d+ MB\.$/),
      data: { remedy: expect.stringMatching(/^Free \d+ MB more on that disk, scan a smaller area or to fewer cells/) },
    })
    expect((await bench.client.cases.list()).cases).toEqual([])
    expect((await bench.client.system.info()).activeRunId).toBeNull()
  })
})
