import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import { openBench } from '../../src/main/bench/bench.ts'
import { temporaryFolder } from '../support/data-folder.ts'
import { emulatedRig } from '../support/emulated-rig.ts'
import { ROOT } from '../support/medulla.ts'
import { noPtys, PtyCable } from '../support/pty.ts'

/** Fields of each scan; the suite does a few, MEDULLA_RIG_FIELDS=200 the whole number. */
const FIELDS = Number(process.env.MEDULLA_RIG_FIELDS ?? 12)
/** A field of the seeded smear has fewer: the scan goes on until it has seen all of them. */
const CELLS_A_FIELD = 24
const UNPLUGGINGS = 3

const missing = noPtys()
if (missing) console.log(`Skipped: a scan with a stage over a pseudo-terminal. On this machine ${missing}.`)

const cleanUps: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

/** Scans to the end, pulling the cable on the way as often as told. @returns what was found where. */
async function scan(unpluggings: number) {
  const folder = temporaryFolder()
  const rig = emulatedRig(folder)
  const cable = new PtyCable(rig.stage.port, rig.camera.emulator)
  await cable.plug()
  cleanUps.push(() => cable.unplug())
  const bench = await openBench({
    dataFolder: join(folder, 'data'),
    model: join(ROOT, 'test/fixtures/models/colour'),
  })
  cleanUps.push(() => bench.close())
  const { runId } = await bench.client.runs.start({
    rig: { kind: 'microscope', rig },
    targetCells: FIELDS * CELLS_A_FIELD,
  })
  let pulled = 0
  let resumed = 0
  const follow = async () => {
    for await (const { run } of await bench.client.runs.events({ runId })) {
      if (run.state !== 'scanning' || pulled >= unpluggings) continue
      if (run.fields < ((pulled + 1) * FIELDS) / (unpluggings + 2)) continue
      pulled++
      await cable.unplug()
      await sleep(700)
      await cable.plug()
    }
    return bench.client.runs.get({ runId })
  }
  // On a busy machine a cable may be back later than the stage is waited for: the run fails with what to do, which is done here.
  for (let run = await follow(); run.state === 'failed'; run = await follow()) {
    if (run.failure?.code !== 'device-failed' || ++resumed > unpluggings)
      throw new Error(`the run failed: ${JSON.stringify(run.failure)}`)
    await bench.client.runs.resume({ runId })
  }
  const run = await bench.client.runs.get({ runId })
  const { cells } = await bench.client.cells.list({ runId })
  const { fields } = await bench.client.slide.fields({ runId, after: 0 })
  return {
    pulled,
    resumed,
    state: run.state,
    counted: run.counted,
    // Ids and revisions number the rows as they came.
    cells: cells.map(({ id: _id, revision: _revision, ...cell }) => cell),
    fields: fields.map(({ revision: _revision, ...field }) => field),
  }
}

it.skipIf(missing)(
  `a scan of ${FIELDS} fields whose stage is unplugged ${UNPLUGGINGS} times finds the cells of one left in peace`,
  { timeout: 120_000 + FIELDS * 12_000 },
  async () => {
    const quiet = await scan(0)
    const disturbed = await scan(UNPLUGGINGS)
    expect(disturbed.pulled).toBe(UNPLUGGINGS)
    expect(disturbed.state).toBe('finished')
    expect(disturbed.fields.length).toBeGreaterThanOrEqual(FIELDS)
    expect(disturbed.fields).toEqual(quiet.fields)
    expect(disturbed.cells).toEqual(quiet.cells)
    console.log(
      `${disturbed.fields.length} fields, ${disturbed.cells.length} cells, unplugged ${disturbed.pulled} times, resumed by hand ${disturbed.resumed} times`,
    )
  },
)
