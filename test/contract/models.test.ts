import { cpSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ORPCError } from '@orpc/client'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bench, openBench } from '../../src/main/bench/bench.ts'
import type { MeasuredSet, Verification } from '../../src/shared/contract/models.ts'
import type { RereadEvent } from '../../src/shared/contract/readings.ts'
import { temporaryFolder } from '../support/data-folder.ts'
import { ROOT } from '../support/medulla.ts'

const FIXTURES = join(ROOT, 'test/fixtures/models')
const FULL = join(FIXTURES, 'colour-full')
const rig = { kind: 'simulated', profile: 'normal', seed: 4, timeScale: 1000 } as const

async function refusal(work: Promise<unknown>): Promise<ORPCError<string, unknown>> {
  try {
    await work
  } catch (error) {
    if (error instanceof ORPCError) return error
    throw error
  }
  throw new Error('it was not refused')
}

/** A package of a fixture under another version, changed. */
function packageOf(fixture: string, version: string, change: (manifest: Record<string, unknown>) => void = () => {}) {
  const folder = join(temporaryFolder(), 'package')
  cpSync(fixture, folder, { recursive: true })
  const file = join(folder, 'manifest.json')
  const manifest = { ...JSON.parse(readFileSync(file, 'utf8')), version }
  change(manifest)
  writeFileSync(file, JSON.stringify(manifest))
  return folder
}

async function finished(bench: Bench, runId: number) {
  for await (const { run } of await bench.client.runs.events({ runId })) {
    if (run.failure) throw new Error(run.failure.message)
  }
}

async function reread(bench: Bench, runId: number, model: string, variant: 'float' | 'int8' | null = null) {
  const events: RereadEvent[] = []
  for await (const event of await bench.client.runs.reread({ runId, model, variant })) events.push(event)
  const last = events.at(-1)
  if (last?.state !== 'ready') throw new Error('the reading did not end')
  return { ...last, events }
}

async function verified(bench: Bench, model: string | null, dataFolder: string | null): Promise<Verification> {
  for await (const event of await bench.client.models.verify({ model, dataFolder })) {
    if (event.state === 'ready') return event.verification
  }
  throw new Error('there was no report')
}

describe('models', () => {
  const dataFolder = temporaryFolder()
  let bench: Bench
  const named = async () => (await bench.client.models.list()).inUse?.name
  beforeAll(async () => {
    bench = await openBench({ dataFolder, provider: 'cpu' })
  })
  afterAll(() => bench.close())

  it('begin with the one that comes with Medulla', async () => {
    const listed = await bench.client.models.list()
    expect(listed.models).toHaveLength(1)
    expect(listed.models[0]).toMatchObject({ name: 'marrow', bundled: true, inUse: true, problem: null })
    expect(listed).toMatchObject({ inUse: { name: 'marrow', variant: 'float', provider: 'cpu' }, overridden: false })
    expect((await refusal(bench.client.models.remove({ model: 'marrow' }))).code).toBe('invalid-input')
  })

  it('are added, used and remembered, variant and all', async () => {
    const added = await bench.client.models.add({ path: FULL })
    expect(added).toMatchObject({ name: 'colour-full', version: '1', bundled: false, variants: ['float', 'int8'] })
    expect(await named()).toBe('marrow')
    const used = await bench.client.models.use({ model: 'colour-full', variant: 'int8' })
    expect(used).toEqual({ name: 'colour-full', version: '1', variant: 'int8', provider: 'cpu', passedOver: [] })
    await bench.close()
    bench = await openBench({ dataFolder, provider: 'cpu' })
    expect((await bench.client.system.info()).inference).toMatchObject({ variant: 'int8', provider: 'cpu' })
    expect((await bench.client.system.info()).model).toMatchObject({ name: 'colour-full', variant: 'int8' })
    const { findings } = await bench.client.system.doctor()
    expect(findings.find(({ subject }) => subject === 'execution provider')?.message).toMatch(/^cpu\./)
    expect((await bench.client.models.get({ model: 'marrow' })).card).toContain('Research Use Only')
  })

  it('stay as they are where another is refused', async () => {
    const cut = packageOf(FULL, '2')
    truncateSync(join(cut, 'model.onnx'), 200)
    expect((await refusal(bench.client.models.add({ path: cut }))).code).toBe('model-invalid')
    expect((await refusal(bench.client.models.use({ model: 'nobody' }))).code).toBe('model-missing')
    expect((await refusal(bench.client.models.use({ model: '../marrow' }))).code).toBe('invalid-input')
    expect((await refusal(bench.client.models.remove({ model: 'colour-full' }))).message).toContain('is in use')
    expect(await named()).toBe('colour-full')
    expect((await bench.client.models.list()).models).toHaveLength(2)
  })

  it('are refused when they were damaged since, and the old one stays', async () => {
    await bench.client.models.add({ path: packageOf(FULL, '3') })
    truncateSync(join(dataFolder, 'models', 'colour-full@3', 'model.onnx'), 200)
    const error = await refusal(bench.client.models.use({ model: 'colour-full@3' }))
    expect(error.code).toBe('model-invalid')
    expect((await bench.client.models.list()).inUse).toMatchObject({ name: 'colour-full', version: '1' })
    expect((await refusal(bench.client.models.use({ model: 'colour-full' }))).data).toMatchObject({
      remedy: expect.stringContaining('colour-full@3'),
    })
    await bench.client.models.remove({ model: 'colour-full@3' })
  })

  it('may be changed while a run goes on, which keeps its own; that one is not removed meanwhile', async () => {
    const { runId } = await bench.client.runs.start({ rig, targetCells: 100_000 })
    await bench.client.runs.pause({ runId })
    await bench.client.models.use({ model: 'marrow' })
    expect((await refusal(bench.client.models.remove({ model: 'colour-full' }))).message).toContain(`run ${runId}`)
    expect(await named()).toBe('marrow')
    await bench.close()
    bench = await openBench({ dataFolder, provider: 'cpu' })
    // The one in use is another, but the one it was begun with is here.
    await bench.client.runs.resume({ runId })
    const before = (await bench.client.runs.get({ runId })).fields
    for await (const { run } of await bench.client.runs.events({ runId })) {
      if (run.fields > before + 1 && run.state === 'scanning') await bench.client.runs.stop({ runId })
    }
    const { readings } = await bench.client.runs.readings({ runId })
    expect(readings).toHaveLength(1)
    expect(readings[0]).toMatchObject({ name: 'colour-full', variant: 'int8', source: 'field', own: true })
    const cells = (await bench.client.cells.list({ runId })).cells
    expect(cells.length).toBeGreaterThan(0)
    for (const { machineClass } of cells) expect(['EOS', 'LYT', 'NGS']).toContain(machineClass)
  })

  it('that are gone still say what they said', async () => {
    const [{ runs }] = (await bench.client.cases.list()).cases
    const runId = runs[0]!.runId
    const before = await bench.client.runs.differential({ runId, view: 'machine' })
    expect(before.rows.find((row) => row.class === 'EOS')?.evidence).toBe('real')
    await bench.client.models.remove({ model: 'colour-full' })
    expect(await bench.client.runs.differential({ runId, view: 'machine' })).toEqual(before)
    expect((await bench.client.evidence.model({ runId })).model).toMatchObject({ name: 'colour-full', version: '1' })
  })
})

describe('a run read again', () => {
  let bench: Bench
  let runId: number
  beforeAll(async () => {
    bench = await openBench({ dataFolder: temporaryFolder(), model: join(FIXTURES, 'colour'), provider: 'cpu' })
    runId = (await bench.client.runs.start({ rig, targetCells: 40 })).runId
    await finished(bench, runId)
    await bench.client.models.add({ path: FULL })
  }, 180_000)
  afterAll(() => bench.close())

  it('by the same graph under another name says the same; both stay', async () => {
    const before = (await bench.client.cells.list({ runId })).cells
    const { reading, agreement, events } = await reread(bench, runId, 'colour-full@1')
    expect(reading).toMatchObject({ name: 'colour-full', own: false, source: 'crop', cells: before.length })
    expect(reading.finishedAt).not.toBeNull()
    expect(agreement.cells).toBe(before.length)
    expect(agreement.same / agreement.cells).toBeGreaterThanOrEqual(0.95)
    expect(events.filter((event) => event.state === 'working').map((event) => event.done)[0]).toBe(0)
    const after = (await bench.client.cells.list({ runId, modelId: reading.modelId })).cells
    for (const [i, cell] of after.entries()) expect(cell.probability).toBeCloseTo(before[i]!.probability!, 1)
    expect((await bench.client.cells.list({ runId })).cells).toEqual(before)
    const { readings } = await bench.client.runs.readings({ runId })
    expect(readings.map((each) => each.name)).toEqual(['colour', 'colour-full'])
    // Asked again there is nothing left to read.
    expect((await reread(bench, runId, 'colour-full')).events).toHaveLength(1)
  })

  it('by both graphs of one package has a reading of each', async () => {
    const { reading } = await reread(bench, runId, 'colour-full', 'int8')
    expect(reading.variant).toBe('int8')
    const { readings } = await bench.client.runs.readings({ runId })
    expect(readings.map((each) => each.variant)).toEqual(['float', 'float', 'int8'])
    const differential = await bench.client.runs.differential({ runId, view: 'machine', modelId: reading.modelId })
    const counted = [...differential.rows, ...differential.excluded].reduce((sum, row) => sum + row.count, 0)
    expect(counted).toBe(reading.cells)
    expect(differential.rows.find((row) => row.class === 'NGS')?.evidence).toBe('rendered')
  })

  it('by a model that looks farther than the pictures is read from the slide', async () => {
    const wide = packageOf(FULL, '2', (manifest) => {
      Object.assign(manifest, { input: { ...Object(manifest.input), pixelSizeUm: 5 } })
    })
    await bench.client.models.add({ path: wide })
    expect((await reread(bench, runId, 'colour-full@2')).reading).toMatchObject({ source: 'slide' })
  })

  it('is not found where there is none', async () => {
    expect((await refusal(reread(bench, runId + 1, 'colour-full@1'))).code).toBe('not-found')
    expect((await refusal(reread(bench, runId, 'nobody'))).code).toBe('model-missing')
    expect((await refusal(bench.client.runs.differential({ runId, modelId: 999 }))).code).toBe('not-found')
  })
})

describe('verifying', () => {
  const images = temporaryFolder()
  let bench: Bench
  const stated: MeasuredSet = {
    set: 'colours',
    path: 'colours',
    pixelSizeUm: 0.1,
    split: 'all',
    variant: 'float',
    n: 12,
    // A third of the lymphocytes is painted red.
    balancedAccuracy: 5 / 6,
    accuracy: 10 / 12,
    calibrationError: 0,
    tolerance: 0.2,
  }
  beforeAll(async () => {
    for (const code of ['EOS', 'LYT']) mkdirSync(join(images, 'colours', code), { recursive: true })
    for (let i = 0; i < 6; i++) {
      await picture(join(images, 'colours', 'EOS', `${i}.png`), '#f00')
      await picture(join(images, 'colours', 'LYT', `${i}.png`), i < 2 ? '#f00' : '#0f0')
    }
    bench = await openBench({ dataFolder: temporaryFolder(), provider: 'cpu' })
  })
  afterAll(() => bench.close())

  const picture = (file: string, background: string) =>
    sharp({ create: { width: 220, height: 220, channels: 3, background } })
      .png()
      .toFile(file)

  async function add(version: string, measured: readonly MeasuredSet[]): Promise<string> {
    await bench.client.models.add({ path: packageOf(FULL, version, (manifest) => (manifest.measured = measured)) })
    return `colour-full@${version}`
  }

  it('measures the stated figures again, on either graph', async () => {
    const model = await add('1', [stated, { ...stated, variant: 'int8' }])
    const report = await verified(bench, model, images)
    expect(report.graphs.map(({ variant, testCrops }) => [variant, testCrops])).toEqual([
      ['float', 6],
      ['int8', 6],
    ])
    for (const graph of report.graphs) expect(graph.difference).toBeLessThanOrEqual(graph.tolerance!)
    expect(report.sets.map(({ holds }) => holds)).toEqual([true, true])
    expect(report.sets[0]!.measured).toMatchObject({ n: 12, accuracy: 10 / 12 })
    expect(report.sets[0]!.measured!.balancedAccuracy).toBeCloseTo(5 / 6, 10)
    expect(report.holds).toBe(true)
  })

  it('says where a figure is another, where images are not there, and where nothing is measured', async () => {
    const flattered = { ...stated, accuracy: 0.99, tolerance: 0.01 }
    const fewer = { ...stated, n: 11 }
    const model = await add('2', [flattered, fewer, { ...stated, path: 'nowhere.tar' }])
    const report = await verified(bench, model, images)
    expect(report.sets.map(({ holds }) => holds)).toEqual([false, false, null])
    expect(report.holds).toBe(false)
    const without = await verified(bench, model, null)
    expect(without).toMatchObject({ sets: [], holds: true })
  })

  it('refuses a package whose graph was exchanged', async () => {
    const model = await add('3', [])
    const { models } = await bench.client.models.list()
    expect(models.map(({ version }) => version)).toContain('3')
    const dataFolder = (await bench.client.system.info()).dataFolder
    cpSync(join(FIXTURES, 'too-wide/model.onnx'), join(dataFolder, 'models', model, 'model.onnx'))
    expect((await refusal(verified(bench, model, images))).code).toBe('model-invalid')
  })
})
