import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { type Bench, openBench } from '../../src/main/bench/bench.ts'
import { MOUNTED_BINNING, randomMount } from '../../src/main/microscope/simulator/random-mount.ts'
import { turnBetween } from '../../src/shared/camera-transform.ts'
import type { CalibrationEvent } from '../../src/shared/contract/calibration.ts'
import { type RigFile, rigFile } from '../../src/shared/contract/rig.ts'
import { temporaryFolder } from '../support/data-folder.ts'
import { ROOT } from '../support/medulla.ts'
import { noPtys, PtyCable } from '../support/pty.ts'

const missing = noPtys()
if (missing) console.log(`Skipped: calibrating a stage over a pseudo-terminal. On this machine ${missing}.`)

/** Nobody knows how this one is put together but its seed. */
const MOUNT = 3
const UNKNOWN = {
  kind: 'simulated',
  profile: 'normal',
  seed: 7,
  timeScale: 1000,
  mount: MOUNT,
  objective: null,
} as const

const cleanUps: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

async function open(): Promise<{ bench: Bench; folder: string }> {
  const folder = temporaryFolder()
  const bench = await openBench({ dataFolder: join(folder, 'data'), model: join(ROOT, 'test/fixtures/models/colour') })
  cleanUps.push(() => bench.close())
  return { bench, folder }
}

type Request = Parameters<Bench['client']['calibration']['measure']>[0]

async function measured(bench: Bench, request: Request) {
  let last: CalibrationEvent | null = null
  for await (const event of await bench.client.calibration.measure(request)) last = event
  if (last?.state !== 'measured') throw new Error('it ended without a result')
  return last.calibration
}

describe('a microscope that nobody knows', { timeout: 1_200_000 }, () => {
  it('scans once it is calibrated, joins its fields by their images, and finds the cells where they are', async () => {
    const { bench } = await open()
    const { calibration, runs, cells } = bench.client
    expect(await calibration.list({ rig: UNKNOWN })).toMatchObject({ inUse: [], history: [] })
    expect((await calibration.list({ rig: UNKNOWN })).unknown).toHaveLength(7)
    await expect(runs.start({ rig: UNKNOWN, targetCells: 20 })).rejects.toMatchObject({
      code: 'device-failed',
      data: { remedy: expect.stringContaining('calibrate pixel-size') },
    })
    const size = await measured(bench, { rig: UNKNOWN, kind: 'pixel-size' })
    const { pose } = randomMount(MOUNT, MOUNTED_BINNING)
    if (size.result.kind !== 'pixel-size') throw new Error('another kind')
    expect(Math.abs(size.result.pixelSizeUm / pose.pixelSizeUm - 1)).toBeLessThan(0.001)
    expect(Math.abs(turnBetween(size.result.rotationDegrees, pose.rotationDegrees))).toBeLessThan(0.05)
    expect(size.result.mirrored).toBe(pose.mirrored)
    const flat = await measured(bench, { rig: UNKNOWN, kind: 'flat-field' })
    expect(flat.result).toMatchObject({ darkKnown: false })
    expect((await calibration.list({ rig: UNKNOWN })).inUse).toHaveLength(2)
    expect((await calibration.list({ rig: { ...UNKNOWN, objective: '40x' } })).inUse).toEqual([])

    const { runId } = await runs.start({ rig: UNKNOWN, targetCells: 25 })
    for await (const { run } of await runs.events({ runId })) {
      if (run.state === 'failed') throw new Error(run.failure?.message)
    }
    const truth = (await cells.truth({ runId })).cells
    const found = (await cells.list({ runId })).cells
    const nearPx = 4 / pose.pixelSizeUm
    const met = truth.filter((cell) =>
      found.some((other) => Math.hypot(other.slideX - cell.slideX, other.slideY - cell.slideY) < nearPx),
    )
    expect(truth.length).toBeGreaterThan(15)
    expect(met.length / truth.length).toBeGreaterThan(0.9)
    const { fields } = await bench.client.slide.fields({ runId, after: 0 })
    for (const { focusScore } of fields) expect(focusScore).toBeGreaterThan(0)
    const { stitches } = await bench.client.slide.stitches({ runId })
    expect(stitches.length).toBeGreaterThan(0)
    for (const { from, to, offset, score, offPx } of stitches) {
      expect(offset, `fields ${from} and ${to}`).not.toBeNull()
      expect(score).toBeGreaterThan(0.7)
      expect(offPx).toBeLessThan(1)
    }
  })

  it('keeps nothing of what is stopped half way, and lets the microscope go', async () => {
    const { bench } = await open()
    const abort = new AbortController()
    const events = await bench.client.calibration.measure(
      { rig: UNKNOWN, kind: 'pixel-size' },
      { signal: abort.signal },
    )
    const follow = async () => {
      for await (const event of events) {
        if (event.state === 'working' && event.activity.startsWith('looking')) {
          expect((await bench.client.microscope.view()).holder).toBe('task')
          await expect(measured(bench, { rig: UNKNOWN, kind: 'settle' })).rejects.toMatchObject({ code: 'run-active' })
          abort.abort()
        }
      }
    }
    await expect(follow()).rejects.toThrow()
    await expect.poll(async () => (await bench.client.microscope.view()).holder, { timeout: 60_000 }).toBe('nobody')
    expect((await bench.client.calibration.list({ rig: UNKNOWN })).history).toEqual([])
  })

  it('is left alone while a scan has it', async () => {
    const { bench } = await open()
    const known = { ...UNKNOWN, mount: null, timeScale: 1 }
    const { runId } = await bench.client.runs.start({ rig: known, targetCells: 200 })
    await expect(measured(bench, { rig: UNKNOWN, kind: 'dark-frame' })).rejects.toMatchObject({
      code: 'run-active',
      message: expect.stringContaining('A scan'),
    })
    await bench.client.runs.stop({ runId })
  })
})

describe.skipIf(missing)('a stage over a pseudo-terminal', { timeout: 1_200_000 }, () => {
  it('whose cable is pulled in the middle ends the measurement with what to do, and nothing is kept', async () => {
    const { bench, folder } = await open()
    const example: RigFile = rigFile.parse(JSON.parse(readFileSync(join(ROOT, 'docs/rigs/emulated-asi.json'), 'utf8')))
    if (example.camera.kind !== 'simulated') throw new Error('the example has no simulated camera')
    const file = {
      ...example,
      stage: { ...example.stage, port: join(folder, 'stage') },
      camera: { ...example.camera, timeScale: 20, emulator: join(folder, 'emulator') },
    }
    const cable = new PtyCable(file.stage.port, file.camera.emulator)
    await cable.plug()
    cleanUps.push(() => cable.unplug())
    const rig = { kind: 'microscope', rig: file, objective: null } as const
    const follow = async () => {
      for await (const event of await bench.client.calibration.measure({ rig, kind: 'pixel-size' }))
        if (event.state === 'working' && event.activity.startsWith('looking')) await cable.unplug()
    }
    await expect(follow()).rejects.toMatchObject({ code: 'device-failed', data: { remedy: expect.any(String) } })
    expect((await bench.client.calibration.list({ rig })).history).toEqual([])
    expect((await bench.client.microscope.view()).holder).toBe('nobody')
  })
})
