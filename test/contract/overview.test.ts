import { ORPCError } from '@orpc/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bench, openBench } from '../../src/main/bench/bench.ts'
import { openCasebook } from '../../src/main/casebook/open-casebook.ts'
import { stagePlan } from '../../src/main/scan/stage-plan.ts'
import type { StageRect } from '../../src/shared/contract/area.ts'
import type { OverviewEvent } from '../../src/shared/contract/overview.ts'
import { temporaryFolder } from '../support/data-folder.ts'

const rig = { kind: 'simulated', profile: 'normal', seed: 31, timeScale: 1000 } as const
/** A strip of the smear from its thick end into where it is thin. */
const extent: StageRect = { xUm: 4500, yUm: 4800, widthUm: 5000, heightUm: 1600 }

let bench: Bench
const dataFolder = temporaryFolder()
beforeAll(async () => {
  bench = await openBench({ dataFolder })
})
afterAll(() => bench.close())

async function refusal(work: Promise<unknown>): Promise<ORPCError<string, unknown>> {
  try {
    await work
  } catch (error) {
    if (error instanceof ORPCError) return error
    throw error
  }
  throw new Error('it was not refused')
}

async function looked(overviewId: number): Promise<OverviewEvent[]> {
  const events: OverviewEvent[] = []
  for await (const event of await bench.client.overview.events({ overviewId })) events.push(event)
  return events
}

const inside = (rect: StageRect, at: { xUm: number; yUm: number }) =>
  at.xUm >= rect.xUm && at.yUm >= rect.yUm && at.xUm <= rect.xUm + rect.widthUm && at.yUm <= rect.yUm + rect.heightUm

describe('an overview', { timeout: 400_000 }, () => {
  let overviewId: number

  it('streams its places as they come, is kept, and can be opened again', async () => {
    const started = await bench.client.overview.start({ rig, extent, pitchUm: 600 })
    overviewId = started.overviewId
    expect(started).toMatchObject({
      state: 'looking',
      places: 0,
      plannedPlaces: 16,
      extent,
      pitchUm: 600,
      caseId: null,
    })
    // One microscope, one at a time.
    expect(await refusal(bench.client.overview.start({ rig, extent }))).toMatchObject({ code: 'run-active' })
    expect(await refusal(bench.client.runs.start({ rig, targetCells: 5 }))).toMatchObject({ code: 'run-active' })
    const events = await looked(overviewId)
    const streamed = events.flatMap(({ places }) => places)
    expect(streamed.map(({ index }) => index)).toEqual(streamed.map((_, i) => i))
    expect(events.some(({ activity }) => activity.startsWith('focusing'))).toBe(true)
    const { overview, places } = await bench.client.overview.get({ overviewId })
    expect(overview).toMatchObject({ state: 'done', failure: null, places: streamed.length })
    expect(overview.plannedPlaces).toBe(overview.places)
    expect(overview.places).toBeGreaterThan(16)
    expect(overview.pace!.placeMs).toBeGreaterThan(0)
    expect(places).toEqual(streamed)
    expect((await bench.client.overview.list({})).overviews).toEqual([overview])
    // From where a reader was, and at once to the end.
    const rest = []
    for await (const event of await bench.client.overview.events({ overviewId, after: 10 })) rest.push(...event.places)
    expect(rest).toEqual(places.slice(10))
  })

  it('proposes areas with reasons, and says what any other would bring', async () => {
    const { areas } = await bench.client.overview.propose({ overviewId, targetCells: 60, most: 3 })
    expect(areas.map(({ rank }) => rank)).toEqual(areas.map((_, i) => i + 1))
    expect(areas[0]!.expectation.fieldsToTarget!.expected).toBeGreaterThan(1)
    expect(areas[0]!.reasons.join(' ')).toMatch(/red cells lie singly/)
    const { rects } = areas[0]!
    const same = await bench.client.overview.expect({ overviewId, rects, targetCells: 60 })
    expect(same).toEqual({ expectation: areas[0]!.expectation, reasons: areas[0]!.reasons })
    // The thick end says so.
    const thick = { xUm: 4600, yUm: 5000, widthUm: 700, heightUm: 700 }
    expect((await bench.client.overview.expect({ overviewId, rects: [thick] })).reasons.join(' ')).toMatch(/too thick/)
    const without = await bench.client.overview.propose({ overviewId, targetCells: 60, excluded: rects })
    for (const area of without.areas) expect(area.rects).not.toEqual(rects)
    expect((await bench.client.overview.expect({ overviewId, rects, excluded: rects })).expectation).toBeNull()
    expect(await refusal(bench.client.overview.propose({ overviewId: 99 }))).toMatchObject({ code: 'not-found' })
  })

  it('leads to a run that scans the area chosen, nearest first, and is told with it', async () => {
    const { areas } = await bench.client.overview.propose({ overviewId, targetCells: 60 })
    const area = { overviewId, rects: areas[0]!.rects, excluded: [] }
    const { runId } = await bench.client.runs.start({ rig, targetCells: 60, area, order: 'nearest' })
    for await (const { run } of await bench.client.runs.events({ runId }))
      if (run.failure) throw new Error(run.failure.message)
    const run = await bench.client.runs.get({ runId })
    expect(run).toMatchObject({
      state: 'finished',
      area,
      order: 'nearest',
      plannedFields: areas[0]!.expectation.fields,
    })
    expect(run.counted).toBeGreaterThanOrEqual(60)
    const { fields } = await bench.client.slide.fields({ runId })
    for (const { stage } of fields) expect(area.rects.some((rect) => inside(rect, stage!))).toBe(true)
    const [{ cases }, { overview }] = await Promise.all([
      bench.client.cases.list(),
      bench.client.overview.get({ overviewId }),
    ])
    // The overview now belongs to the case that was made for the run.
    expect(overview.caseId).toBe(run.caseId)
    expect(cases[0]!.runs[0]).toMatchObject({ runId, area })
    const casebook = openCasebook(dataFolder)
    const plan = stagePlan.parse(JSON.parse(casebook.runPlan(runId).plan))
    casebook.close()
    // Its own heights of focus, searched from those of the overview.
    expect(Math.abs(plan.focus!.zUm - plan.focusPrior!.zUm)).toBeLessThan(6)
    const { expectation } = areas[0]!
    expect(run.fields).toBeGreaterThanOrEqual(expectation.fieldsToTarget!.low)
  })

  it('is refused an area that is no place to scan, before anything is stored', async () => {
    const count = async () => (await bench.client.cases.list()).cases.length
    const before = await count()
    const box = { xUm: 6000, yUm: 5000, widthUm: 400, heightUm: 400 }
    const start = (area: { rects: StageRect[]; excluded?: StageRect[]; overviewId?: number }) =>
      refusal(bench.client.runs.start({ rig, targetCells: 5, area }))
    expect(await start({ rects: [box], excluded: [box] })).toMatchObject({ code: 'invalid-input' })
    expect(await start({ rects: [{ ...box, xUm: 1e6 }] })).toMatchObject({ code: 'position-out-of-limits' })
    expect(await start({ rects: [box], overviewId: 99 })).toMatchObject({ code: 'not-found' })
    const folder = { kind: 'folder', images: dataFolder, pixelSizeUm: 0.1 } as const
    expect(await refusal(bench.client.runs.start({ rig: folder, area: { rects: [box] } }))).toMatchObject({
      code: 'invalid-input',
    })
    expect(await refusal(bench.client.overview.start({ rig, extent: { ...box, xUm: -1e6 } }))).toMatchObject({
      code: 'position-out-of-limits',
    })
    expect(await refusal(bench.client.overview.start({ rig, pitchUm: 51 }))).toMatchObject({ code: 'invalid-input' })
    expect(await count()).toBe(before)
  })

  it('keeps what it saw when it is stopped, and gives the microscope back', async () => {
    const { overviewId } = await bench.client.overview.start({ rig, extent, pitchUm: 600 })
    for await (const { places } of await bench.client.overview.events({ overviewId })) if (places.length > 0) break
    const stopped = await bench.client.overview.abort({ overviewId })
    expect(stopped).toMatchObject({ state: 'stopped', failure: null })
    expect(stopped.places).toBeGreaterThan(0)
    expect(await refusal(bench.client.overview.abort({ overviewId }))).toMatchObject({ code: 'run-not-active' })
    expect((await bench.client.microscope.view()).holder).toBe('nobody')
  })
})
