import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Bench, openBench } from '../../src/main/bench/bench.ts'
import { openCasebook } from '../../src/main/casebook/open-casebook.ts'
import { fieldOrigin, plannedField, planStage, slideFrame, slideSizePx } from '../../src/main/scan/stage-plan.ts'
import { type SlidePx, stageToSlide, stageUm } from '../../src/shared/geometry.ts'
import { CLASS_CODES, type ClassCode } from '../../src/shared/taxonomy.ts'
import { CASE, newCell, newRun } from '../support/casebook-rows.ts'
import { temporaryFolder } from '../support/data-folder.ts'
import { ROOT } from '../support/medulla.ts'

const SIMULATED = {
  kind: 'simulated',
  profile: 'normal',
  seed: 3,
  timeScale: 50,
  mount: null,
  stage: 'good',
  objective: null,
} as const
/** As the simulated camera has them, 2048 x 1536 pixels. */
const CAMERA = { widthPx: 2048, heightPx: 1536, pixelSizeUm: 0.092, placeErrorUm: 0 }
const PLAN = planStage({ origin: stageUm(9000, 6000), width: 800, height: 250 }, CAMERA)
const CELLS = 20

let folder: string
let bench: Bench
let caseId: number
beforeEach(() => {
  folder = join(temporaryFolder(), 'data')
})
afterEach(() => bench.close())

async function open(): Promise<Bench['client']> {
  bench = await openBench({ dataFolder: folder, model: join(ROOT, 'test/fixtures/models/colour') })
  return bench.client
}

/** A run of so many fields, each with twenty cells in its middle: half NGS, half EBO. */
function withRun(fields: number, rig: Parameters<typeof newRun>[1] = {}): number {
  const casebook = openCasebook(folder)
  caseId = casebook.listCases()[0]?.caseId ?? casebook.createCase(CASE).caseId
  const size = slideSizePx(PLAN)
  const { runId } = casebook.createRun(
    newRun(caseId, {
      rig: SIMULATED,
      plan: JSON.stringify(PLAN),
      slideWidthPx: size.widthPx,
      slideHeightPx: size.heightPx,
      pixelSizeUm: PLAN.pixelSizeUm,
      ...rig,
    }),
  )
  for (let index = 0; index < fields; index++) {
    const { centre, owned } = plannedField(PLAN, index)
    const corner = fieldOrigin(PLAN, centre)
    const middle = stageToSlide(centre, slideFrame(PLAN))
    casebook.commitField({
      runId,
      field: {
        index,
        slideX: corner.x,
        slideY: corner.y,
        widthPx: PLAN.fieldWidthPx,
        heightPx: PLAN.fieldHeightPx,
        owned: { x: owned.origin.x, y: owned.origin.y, width: owned.width, height: owned.height },
        stage: { xUm: centre.x, yUm: centre.y, zUm: 0 },
        image: null,
        focusScore: 0.01,
        quality: null,
        focus: null,
        leftOut: null,
      },
      placing: null,
      scanningMs: null,
      cells: Array.from({ length: CELLS }, (_, i) =>
        newCell(CLASS_CODES.indexOf(i % 2 === 0 ? 'NGS' : 'EBO'), cellAt(middle, i)),
      ),
    })
  }
  casebook.close()
  return runId
}

const cellAt = (middle: SlidePx, i: number) => ({ x: middle.x + 60 * (i - CELLS / 2), y: middle.y })

async function inHandAt(field: number, byUm = 0): Promise<Bench['client']> {
  const client = await open()
  await client.microscope.connect({ settings: SIMULATED })
  const { centre } = plannedField(PLAN, field)
  await client.microscope.goTo({ xUm: centre.x + byUm, yUm: centre.y })
  return client
}

const live = { kind: 'live' } as const
const begin = (client: Bench['client'], changes: object = {}) =>
  client.tally.start({ caseId, reader: 'A. Reader', place: 'live', ...changes })

async function press(client: Bench['client'], sittingId: number, codes: readonly ClassCode[]) {
  let answer: Awaited<ReturnType<typeof client.tally.count>> | null = null
  for (const code of codes) answer = await client.tally.count({ sittingId, class: code, at: live })
  return answer!
}

describe('a manual count at the microscope', () => {
  it('says at once which run had counted there, how much of the view, and which part', async () => {
    const runId = withRun(2)
    // One field's width to the left of field 0 lies nothing; half a field to the right, half of what field 0 owns.
    const client = await inHandAt(0)
    const { sitting } = await begin(client)
    expect(sitting).toMatchObject({
      place: 'live',
      purpose: 'add',
      frame: { rig: 'Simulated microscope (normal, seed 3)', objective: null },
    })
    const answer = await press(client, sitting.sittingId, ['NGS'])
    const [first, second] = answer.look.already
    expect(first.by).toEqual({ kind: 'run', runId, field: 0 })
    // Of 188.4 x 141.3 um in view the field owns all but 10 um on each side; the stage stands within a micrometre.
    const ownedShare = ((2048 - 2 * PLAN.marginPx) * (1536 - 2 * PLAN.marginPx)) / (2048 * 1536)
    expect(first.share).toBeCloseTo(ownedShare, 2)
    expect(second.by).toEqual({ kind: 'run', runId, field: 1 })
    expect(answer.look.share).toBeCloseTo(first.share + second.share, 6)
    expect(answer.look.areaUm!.width).toBeCloseTo(2048 * 0.092, 6)
    expect(answer.look.problem).toBeNull()
  })

  it('adds on new ground, and counts nothing twice where it comes back', async () => {
    withRun(1)
    const client = await inHandAt(0, 1000)
    const { sitting } = await begin(client, { targetCells: 100 })
    const fresh = await press(client, sitting.sittingId, ['LYT', 'LYT', 'PLM', 'ART'])
    expect(fresh.look).toMatchObject({ share: 0, already: [] })
    expect(fresh.differential).toMatchObject({ counted: 3 })
    expect(fresh.differential.rows.find((row) => row.class === 'LYT')).toMatchObject({ count: 2, percent: 200 / 3 })
    // Still there: its own cells of a moment ago are no place of before.
    expect((await client.tally.look({ caseId, sittingId: sitting.sittingId, at: live })).share).toBe(0)

    const { centre } = plannedField(PLAN, 0)
    await client.microscope.goTo({ xUm: centre.x + 2000, yUm: centre.y })
    await press(client, sitting.sittingId, ['MON'])
    await client.microscope.goTo({ xUm: centre.x + 1000, yUm: centre.y })
    const back = await press(client, sitting.sittingId, ['LYT', 'LYT'])
    expect(back.look.already).toMatchObject([{ by: { kind: 'sitting', reader: 'A. Reader', view: 0 } }])
    expect(back.look.share).toBeGreaterThan(0.98)
    expect(back.sitting).toMatchObject({ cells: 7, views: 3 })

    const { counts, problem } = await client.tally.ofCase({ caseId })
    expect(problem).toBeNull()
    expect(counts).toHaveLength(1)
    expect(counts[0].parts).toMatchObject([
      { by: { kind: 'run' }, cells: CELLS, leftOut: 0 },
      { by: { kind: 'sitting' }, cells: 7, leftOut: 2 },
    ])
    expect(counts[0].differential.counted).toBe(CELLS + 4)
  })

  it('a run that comes after a person leaves out what lies where the person had counted', async () => {
    withRun(0)
    const client = await inHandAt(1)
    const { sitting } = await begin(client)
    await press(client, sitting.sittingId, ['NGS', 'NGS', 'EBO'])
    const ahead = await client.tally.ahead({ caseId, rig: SIMULATED })
    expect(ahead.sentences).toEqual([
      expect.stringContaining('A. Reader counted 3 cells by hand (sitting 1) on this slide'),
    ])
    expect((await client.tally.ahead({ caseId, rig: { ...SIMULATED, seed: 4 } })).sentences).toEqual([
      expect.stringMatching(/A\. Reader counted 3 cells .* which has a stage of its own/),
    ])
    await bench.close()
    const runId = withRun(3)
    await open()
    expect(await bench.client.tally.ofRun({ runId })).toEqual({
      sentences: [
        `${CELLS} of its ${3 * CELLS} cells lie where A. Reader had counted by hand (sitting 1): they are counted once when the case is put together.`,
      ],
    })
    const { counts } = await bench.client.tally.ofCase({ caseId })
    expect(counts[0].differential.counted).toBe(3 + 2 * CELLS)
    expect((await bench.client.tally.onSlide({ runId })).areas).toMatchObject([
      { cells: 3, by: { kind: 'sitting', sittingId: sitting.sittingId } },
    ])
  })

  it('a field that was left out is no counted area, and one brought back leaves a person’s count alone', async () => {
    const runId = withRun(1)
    const client = await inHandAt(0)
    const reader = 'A. Reader'
    const [{ index }] = (await client.slide.fields({ runId })).fields
    await client.fields.leaveOut({ runId, fields: [index], reader, why: null })
    expect(await client.tally.look({ caseId, at: live })).toMatchObject({ share: 0, already: [] })
    const { sitting } = await begin(client)
    await press(client, sitting.sittingId, ['LYT', 'LYT'])
    await client.fields.bringBack({ runId, fields: [index], reader, why: null })
    const { counts } = await client.tally.ofCase({ caseId })
    expect(counts[0].parts).toMatchObject([
      { by: { kind: 'run' }, cells: CELLS, leftOut: CELLS },
      { by: { kind: 'sitting' }, cells: 2, leftOut: 0 },
    ])
    expect(counts[0].differential.counted).toBe(2)
  })

  it('is held against the machine in the same area, cell by cell of it, and is never added to it', async () => {
    const runId = withRun(2)
    const client = await inHandAt(0)
    const { sitting } = await begin(client, { purpose: 'compare' })
    const { sittingId } = sitting
    // All of the machine's cells are in the middle of its fields: the view of field 0 shows just its own.
    const half = (code: ClassCode) => Array.from({ length: CELLS / 2 }, () => code)
    const answer = await press(client, sittingId, [...half('NGS'), ...half('LYT')])
    expect(answer.look).toMatchObject({ share: 0, already: [] })
    expect(answer.look.machineShare).toBeGreaterThan(0.8)
    // The rim of the field belongs to neighbours that were not scanned on two sides: not enough of the view to compare.
    const partly = await client.tally.compare({ sittingId, runId })
    expect(partly).toMatchObject({ sameArea: null, views: { covered: 0, all: 1 } })
    expect(partly.problem).toContain('no place of this sitting whole')
    expect(partly.whole).toMatchObject({ manual: { counted: CELLS }, machine: { counted: 2 * CELLS } })
    const { counts } = await client.tally.ofCase({ caseId })
    expect(counts[0].differential.counted).toBe(2 * CELLS)
  })

  it('compares class by class, with exact intervals and an exact test, where the run covers the view', async () => {
    const runId = withRun(PLAN.columns * PLAN.rows)
    // A field in the middle of the region: its neighbours own its rim.
    const inner = Array.from({ length: PLAN.columns * PLAN.rows }, (_, i) => plannedField(PLAN, i)).find(
      ({ owned }) => owned.origin.x > 3000 && owned.origin.x < 6000 && owned.origin.y < 1500,
    )!.index
    const client = await open()
    const { sitting } = await begin(client, { purpose: 'compare', place: 'slide', runId })
    const { owned } = plannedField(PLAN, inner)
    const { x, y } = owned.origin
    const at = { kind: 'slide', area: { x, y, width: owned.width, height: owned.height } } as const
    for (let i = 0; i < CELLS; i++)
      await client.tally.count({ sittingId: sitting.sittingId, class: i < 2 ? 'NGS' : 'LYT', at })
    const { sameArea, views, problem } = await client.tally.compare({ sittingId: sitting.sittingId, runId })
    expect(problem).toBeNull()
    expect(views).toEqual({ covered: 1, all: 1 })
    expect(sameArea).toMatchObject({ manual: { counted: CELLS }, machine: { counted: CELLS } })
    const row = (code: ClassCode) => sameArea!.rows.find((each) => each.class === code)!
    // 10 of 20 against 2 of 20: Fisher's p .0138; 10 against 0 .0004; 0 against 18 far below.
    expect(row('NGS')).toMatchObject({ manual: { count: 2, percent: 10 }, machine: { count: 10, percent: 50 } })
    expect(row('NGS').p).toBeCloseTo(0.01381, 4)
    expect(row('NGS').manual).toMatchObject({ low: expect.closeTo(1.2349, 3), high: expect.closeTo(31.6983, 3) })
    expect(row('LYT')).toMatchObject({ differs: true })
    expect(row('EBO')).toMatchObject({ differs: true })
    expect(row('BLA')).toMatchObject({ p: 1, differs: false })
  })

  it('counts nothing while the stage moves, or where the sitting was begun elsewhere', async () => {
    withRun(1)
    const client = await inHandAt(0)
    const { sitting } = await begin(client)
    const { sittingId } = sitting
    await client.microscope.drive({ x: 1, y: 0, z: 0, stepXyUm: 20, stepZUm: 1 })
    await expect(client.tally.count({ sittingId, class: 'NGS', at: live })).rejects.toMatchObject({
      code: 'device-failed',
    })
    await client.microscope.drive({ x: 0, y: 0, z: 0, stepXyUm: 20, stepZUm: 1 })
    await expect(client.tally.count({ sittingId, class: 'NGS', at: { kind: 'none' } })).rejects.toMatchObject({
      code: 'invalid-input',
    })
    await client.microscope.connect({ settings: { ...SIMULATED, seed: 4 } })
    await expect(client.tally.count({ sittingId, class: 'NGS', at: live })).rejects.toMatchObject({
      code: 'invalid-input',
      message: expect.stringContaining('begun with Simulated microscope (normal, seed 3)'),
    })
    await client.microscope.disconnect()
    await expect(client.tally.count({ sittingId, class: 'NGS', at: live })).rejects.toMatchObject({
      code: 'device-failed',
    })
    expect((await client.tally.get({ sittingId })).sitting.cells).toBe(0)
  })
})

describe('places that cannot be compared', () => {
  it('are said to be so: another objective, a slide that was moved, a folder, an eyepiece', async () => {
    withRun(1, { rig: { ...SIMULATED, objective: '40x' } })
    withRun(1)
    withRun(1, {
      rig: { kind: 'folder', images: '/images', pixelSizeUm: 0.1, watch: false },
      plan: JSON.stringify({ kind: 'folder', images: '/images', pixelSizeUm: 0.1, watch: false }),
    })
    const client = await inHandAt(0)
    const look = await client.tally.look({ caseId, at: live })
    expect(look.already).toMatchObject([{ by: { kind: 'run', runId: 2 } }])
    expect(look.problem).toBe(
      'Run 1 cannot be compared: it was counted with the objective 40x, which looks at another place. ' +
        'Run 3 cannot be compared: no place on the stage is known.',
    )
    expect(await client.tally.slideMoved({ caseId, reader: 'A. Reader' })).toEqual({ mounting: 1 })
    const moved = await client.tally.look({ caseId, at: live })
    expect(moved).toMatchObject({ share: 0, already: [] })
    expect(moved.problem).toContain('Run 2 cannot be compared: the slide was moved since.')

    const blind = await begin(client, { place: 'none' })
    const answer = await client.tally.count({ sittingId: blind.sitting.sittingId, class: 'NGS', at: { kind: 'none' } })
    expect(answer.sitting).toMatchObject({ cells: 1, frame: null })
    expect(answer.look).toMatchObject({ areaUm: null, share: 0, problem: expect.stringContaining('Nobody knows') })
    const { counts, problem } = await client.tally.ofCase({ caseId })
    expect(counts.map(({ parts }) => parts.map(({ cells }) => cells))).toEqual([[CELLS], [CELLS], [CELLS], [1]])
    expect(problem).toContain('not put together')
  })

  it('a microscope of unknown pixel size counts without a place, and says so', async () => {
    withRun(1)
    const client = await open()
    await client.microscope.connect({ settings: { ...SIMULATED, mount: 5 } })
    const { sitting } = await begin(client)
    expect(sitting).toMatchObject({ frame: null, noFrame: expect.stringContaining('pixel size') })
    const { look } = await press(client, sitting.sittingId, ['NGS'])
    expect(look).toMatchObject({ areaUm: null, problem: expect.stringContaining('calibrate') })
  })
})

describe('a sitting', () => {
  it('goes on after the bench was closed, and takes cells back one by one', async () => {
    withRun(1)
    let client = await inHandAt(0)
    const { sitting } = await begin(client)
    const { sittingId } = sitting
    await press(client, sittingId, ['NGS', 'BLA'])
    await bench.close()
    client = await inHandAt(0)
    expect((await client.tally.list({ caseId })).sittings).toMatchObject([{ sittingId, cells: 2, reader: 'A. Reader' }])
    await press(client, sittingId, ['EBO'])
    expect(await client.tally.undo({ sittingId })).toMatchObject({ undone: 'EBO', sitting: { cells: 2 } })
    expect(await client.tally.undo({ sittingId })).toMatchObject({ undone: 'BLA' })
    expect(await client.tally.undo({ sittingId })).toMatchObject({ undone: 'NGS' })
    expect(await client.tally.undo({ sittingId })).toMatchObject({ undone: null, sitting: { cells: 0 } })
    // Nothing stands there: it is no counted area.
    expect((await client.tally.areas({ caseId })).areas.map(({ by }) => by.kind)).toEqual(['run'])
    expect(
      (await client.system.doctor()).findings.some(({ subject, status }) => subject === 'casebook' && status !== 'ok'),
    ).toBe(false)
  })
})
