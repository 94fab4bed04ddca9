import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { type Bench, openBench } from '../../src/main/bench/bench.ts'
import { ProcessClock } from '../../src/main/microscope/clock.ts'
import { FirmwarePort } from '../../src/main/microscope/stage/firmware/firmware-port.ts'
import { createFirmware } from '../../src/main/microscope/stage/firmware/index.ts'
import { SerialLine } from '../../src/main/microscope/stage/line/serial-line.ts'
import { DRIVE_LEASE_MS, HISTOGRAM_BINS, type MicroscopeView } from '../../src/shared/contract/microscope.ts'
import { type RigFile, rigFile } from '../../src/shared/contract/rig.ts'
import { temporaryFolder } from '../support/data-folder.ts'
import { ROOT } from '../support/medulla.ts'
import { noPtys, PtyCable } from '../support/pty.ts'

const missing = noPtys()
if (missing) console.log(`Skipped: a microscope over a pseudo-terminal. On this machine ${missing}.`)

const SIMULATED = { kind: 'simulated', profile: 'normal', seed: 3, timeScale: 10 } as const

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

/** Follows the microscope until something is as wanted. */
async function until(bench: Bench, wanted: (view: MicroscopeView) => boolean): Promise<MicroscopeView> {
  const abort = new AbortController()
  try {
    for await (const view of await bench.client.microscope.events(undefined, { signal: abort.signal }))
      if (wanted(view)) return view
  } finally {
    abort.abort()
  }
  throw new Error('the events ended')
}

describe('a microscope in hand', () => {
  it('is nobody’s at first, and everything that moves says so', async () => {
    const { bench } = await open()
    expect(await bench.client.microscope.view()).toMatchObject({
      holder: 'nobody',
      rig: null,
      stage: null,
      frame: null,
    })
    await expect(bench.client.microscope.goTo({ xUm: 5000 })).rejects.toMatchObject({
      code: 'device-failed',
      data: { remedy: expect.stringContaining('Connect') },
    })
  })

  it('moves nothing by itself, goes where it is sent, and shows what the camera sees', async () => {
    const { bench } = await open()
    const { microscope } = bench.client
    await microscope.connect({ settings: SIMULATED })
    const seen = await until(bench, ({ frame, stage }) => frame !== null && stage?.position !== null)
    const first = seen.stage!.position!
    const { histogram } = seen.frame!
    expect(histogram.green).toHaveLength(HISTOGRAM_BINS)
    expect(histogram.green.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 6)
    const picture = await bench.handle(new Request(`http://bench/live.jpg?v=${seen.frame!.sequence}`))
    expect(picture.headers.get('content-type')).toBe('image/jpeg')
    await sleep(300)
    expect((await until(bench, ({ stage }) => stage?.position != null)).stage?.position).toEqual(first)
    expect(await microscope.goTo({ xUm: first.xUm + 500, yUm: first.yUm })).toMatchObject({ yUm: first.yUm })
    const view = await microscope.view()
    expect(view.stage?.position?.xUm).toBeCloseTo(first.xUm + 500, 1)
    expect(view.objective).toBeNull()
    expect(view.lamp).toBeNull()
    await expect(microscope.goTo({ zUm: view.stage!.limits.z.maxUm + 1 })).rejects.toMatchObject({
      code: 'position-out-of-limits',
    })
  })

  it('steps, and stops at the limits', async () => {
    const { bench } = await open()
    const { microscope } = bench.client
    const { stage } = await microscope.connect({ settings: SIMULATED })
    const { maxUm } = stage!.limits.z
    await microscope.goTo({ zUm: maxUm - 3 })
    expect((await microscope.step({ zUm: 2 })).zUm).toBeCloseTo(maxUm - 1, 1)
    expect((await microscope.step({ zUm: 5 })).zUm).toBeCloseTo(maxUm, 1)
    expect((await microscope.step({ xUm: -25, yUm: 10 })).zUm).toBeCloseTo(maxUm, 1)
  })

  it('drives while it is asked to, and stops when nobody asks any more', async () => {
    const { bench } = await open()
    const { microscope } = bench.client
    await microscope.connect({ settings: SIMULATED })
    const order = { x: 1, y: 0, z: 0, stepXyUm: 20, stepZUm: 1 } as const
    const before = (await microscope.step({})).xUm
    for (let i = 0; i < 4; i++) {
      expect(await microscope.drive(order)).toEqual({ driving: true })
      await sleep(DRIVE_LEASE_MS / 3)
    }
    const { xUm } = (await microscope.view()).stage!.position!
    expect(xUm).toBeGreaterThan(before + 60)
    await until(bench, ({ activity }) => activity === null)
    const stopped = (await microscope.step({})).xUm
    await sleep(200)
    expect((await microscope.step({})).xUm).toBeCloseTo(stopped, 1)
    // Released: at once.
    await microscope.drive(order)
    expect(await microscope.drive({ ...order, x: 0 })).toEqual({ driving: false })
    expect((await microscope.view()).activity).toBeNull()
  })

  it('halts a move ahead of everything', async () => {
    const { bench } = await open()
    const { microscope } = bench.client
    const { stage } = await microscope.connect({ settings: { ...SIMULATED, timeScale: 1 } })
    await microscope.retract()
    const move = microscope.goTo({ xUm: stage!.limits.x.minUm + 10 }).catch((error: unknown) => error)
    await until(bench, ({ activity }) => activity !== null)
    await microscope.halt()
    expect(await move).toMatchObject({ code: 'device-failed', message: expect.stringContaining('halted') })
    const view = await microscope.view()
    expect(view.log.map(({ kind }) => kind)).toContain('halted')
    expect(view.holder).toBe('hands')
  })

  it('belongs to a scan alone while one goes on, and comes back afterwards', async () => {
    const { bench } = await open()
    const { microscope, runs } = bench.client
    await microscope.connect({ settings: SIMULATED })
    const { runId } = await runs.start({ rig: SIMULATED, targetCells: 400 })
    expect((await microscope.view()).holder).toBe('scan')
    for (const attempt of [
      microscope.goTo({ xUm: 4000 }),
      microscope.step({ zUm: 1 }),
      microscope.home(),
      microscope.disconnect(),
    ])
      await expect(attempt).rejects.toMatchObject({
        code: 'run-active',
        data: { remedy: expect.stringMatching(/\.$/) },
      })
    const seen = await until(bench, ({ stage }) => stage?.position != null)
    expect(seen.rig?.settings).toMatchObject(SIMULATED)
    await runs.stop({ runId })
    expect((await microscope.view()).holder).toBe('hands')
    await microscope.step({ zUm: -1 })
    await microscope.disconnect()
    expect((await microscope.view()).holder).toBe('nobody')
  })

  it('that is let go for a scan with another comes back to the hands when that one is done, or cannot be opened', async () => {
    const { bench } = await open()
    const { microscope, runs } = bench.client
    await microscope.connect({ settings: SIMULATED })
    const other = { ...SIMULATED, seed: 4 }
    const { runId } = await runs.start({ rig: other, targetCells: 5 })
    expect(await microscope.view()).toMatchObject({ holder: 'scan', rig: { settings: other } })
    await runs.stop({ runId })
    const view = await microscope.view()
    expect(view).toMatchObject({ holder: 'hands', rig: { settings: SIMULATED } })
    expect(view.log.map(({ message }) => message)).toContainEqual(expect.stringContaining('connected again afterwards'))
    await microscope.step({ zUm: -1 })

    const example = rigFile.parse(JSON.parse(readFileSync(join(ROOT, 'docs/rigs/emulated-asi.json'), 'utf8')))
    const missingPort = { ...example, stage: { ...example.stage, port: join(temporaryFolder(), 'ttyNONE') } }
    await expect(
      runs.start({ rig: { kind: 'microscope', rig: missingPort, objective: null }, targetCells: 5 }),
    ).rejects.toMatchObject({ code: 'device-failed' })
    expect(await microscope.view()).toMatchObject({ holder: 'hands', rig: { settings: SIMULATED } })
    await microscope.step({ zUm: -1 })
  })

  it('halted by hand during a scan fails the run, which can go on', async () => {
    const { bench } = await open()
    const { microscope, runs } = bench.client
    const rig = { ...SIMULATED, timeScale: 1 }
    const { runId } = await runs.start({ rig, targetCells: 60 })
    let run = await runs.get({ runId })
    // A halt between two moves stops nothing: until one is met.
    while (run.state === 'scanning') {
      await microscope.halt()
      await sleep(30)
      run = await runs.get({ runId })
    }
    expect(run).toMatchObject({
      state: 'failed',
      failure: { code: 'device-failed', remedy: expect.stringContaining('go on') },
    })
    expect((await microscope.view()).holder).toBe('nobody')
    await runs.resume({ runId })
    await runs.stop({ runId })
  })
})

describe('rig files', () => {
  const EXAMPLE = readFileSync(join(ROOT, 'docs/rigs/emulated-asi.json'), 'utf8')

  it('are saved, listed, checked and removed; a damaged one is told', async () => {
    const { bench } = await open()
    const { rigs } = bench.client
    const { rig, problems } = await rigs.check({ text: EXAMPLE })
    expect(problems).toEqual([])
    const saved = await rigs.save({ rig: { ...rig!, name: 'Zeiss at the window' } })
    expect(saved.rigId).toBe('zeiss-at-the-window')
    expect((await rigs.save({ rig: { ...rig!, name: 'Zeiss at the window' } })).rigId).toBe('zeiss-at-the-window-2')
    expect((await rigs.save({ rigId: 'zeiss-at-the-window-2', rig: { ...rig!, name: 'Another' } })).rigId).toBe(
      'zeiss-at-the-window-2',
    )
    const { folder, rigs: listed } = await rigs.list()
    expect(listed.map(({ rig: each }) => each?.name)).toEqual(['Another', 'Zeiss at the window'])
    expect(rigFile.parse(JSON.parse(readFileSync(saved.path, 'utf8')))).toEqual(listed[1].rig)
    writeFileSync(join(folder, 'broken.json'), '{"schema": 1}')
    const broken = (await rigs.list()).rigs.find((each) => each.rigId === 'broken')
    expect(broken).toMatchObject({ rig: null, problem: expect.stringContaining('name') })
    const { removed } = await rigs.remove({ rigId: 'zeiss-at-the-window' })
    expect((await rigs.check({ text: removed })).problems).toEqual([])
    await expect(rigs.remove({ rigId: 'zeiss-at-the-window' })).rejects.toMatchObject({ code: 'not-found' })
  })

  it('say place by place what is wrong', async () => {
    const { bench } = await open()
    const { rigs } = bench.client
    expect((await rigs.check({ text: 'nonsense' })).problems[0]).toContain('no JSON')
    const bad = JSON.parse(EXAMPLE)
    bad.stage.settings.retractedZUm = 5000
    bad.camera.kind = 'webcam'
    const { rig, problems } = await rigs.check({ text: JSON.stringify(bad) })
    expect(rig).toBeNull()
    expect(problems.join(' ')).toContain('camera')
    bad.camera.kind = 'simulated'
    bad.stage.settings.retractedZUm = -1000
    bad.stage.driver = 'zaber'
    expect((await rigs.check({ text: JSON.stringify(bad) })).problems.join(' ')).toContain('zaber')
  })
})

describe.skipIf(missing)('a controller over a pseudo-terminal', () => {
  async function connected() {
    const { bench, folder } = await open()
    const [port, far, images] = [join(folder, 'stage'), join(folder, 'controller'), join(folder, 'images')]
    mkdirSync(images)
    const cable = new PtyCable(port, far)
    await cable.plug()
    cleanUps.push(() => cable.unplug())
    const clock = new ProcessClock()
    const firmware = createFirmware('asi', clock, { start: { x: 9000, y: 8000, z: 1000 }, zero: { x: 0, y: 0, z: 0 } })
    const controller = new FirmwarePort(firmware, new SerialLine(far, { baud: firmware.baud }), clock)
    cleanUps.push(() => controller.close())
    const limits = { minUm: 100, maxUm: 20_000 }
    const rig: RigFile = rigFile.parse({
      schema: 1,
      name: 'ASI on a pseudo-terminal',
      stage: {
        driver: 'asi',
        port,
        settings: { limits: { x: limits, y: limits, z: { minUm: 50, maxUm: 5000 } }, retractedZUm: 200 },
      },
      // A camera that sends nothing keeps nobody from moving the stage.
      camera: { kind: 'folder', images, widthPx: 640, heightPx: 480 },
      workingZUm: 1000,
    })
    await bench.client.microscope.connect({ settings: { kind: 'microscope', rig } })
    return { bench, firmware, cable, clock }
  }

  it('is noticed when somebody turns its joystick, and shown where it is', async () => {
    const { bench, firmware } = await connected()
    const before = await until(bench, ({ stage }) => stage?.position != null)
    expect(before.stage).toMatchObject({ state: 'idle', canHome: true, position: { xUm: 9000, yUm: 8000, zUm: 1000 } })
    expect(firmware.mechanics.motions).toBe(0)
    firmware.mechanics.push('x', 650)
    const after = await until(
      bench,
      ({ stage, log }) => stage?.position?.xUm === 9650 && log.some(({ kind }) => kind === 'moved-by-hand'),
    )
    expect(after.holder).toBe('hands')
  })

  it('is told to be gone, and used again when the cable is back', async () => {
    const { bench, cable } = await connected()
    await until(bench, ({ stage }) => stage?.position != null)
    await cable.unplug()
    const lost = await until(bench, ({ problem }) => problem !== null)
    expect(lost.problem?.remedy).toContain('Plug')
    expect(lost.stage?.position).toBeNull()
    await cable.plug()
    const back = await until(bench, ({ stage, problem }) => problem === null && stage?.position != null)
    expect(back.log.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['disconnected', 'reconnected']))
    // The objective first: after a fault it goes out of the way before the stage moves sideways.
    expect(await bench.client.microscope.step({ xUm: 50 })).toMatchObject({ xUm: 9050, zUm: 1000 })
  })
})
