import path from 'node:path'
import { ORPCError } from '@orpc/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bench, openBench } from '../../src/main/bench/bench.ts'
import type { Cell } from '../../src/shared/contract/cells.ts'
import type { CellMap, CellMapEvent, Saliency } from '../../src/shared/contract/evidence.ts'
import { temporaryFolder } from '../support/data-folder.ts'
import { ROOT } from '../support/medulla.ts'

const rig = { kind: 'simulated', profile: 'normal', seed: 5, timeScale: 1000 } as const

/** A finished run of a simulated smear. */
async function scanned(bench: Bench, targetCells: number): Promise<{ runId: number; cells: readonly Cell[] }> {
  const { runId } = await bench.client.runs.start({ rig, targetCells })
  for await (const { run } of await bench.client.runs.events({ runId })) {
    if (run.failure) throw new Error(run.failure.message)
  }
  return { runId, cells: (await bench.client.cells.list({ runId })).cells }
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'none'
  } catch (error) {
    if (error instanceof ORPCError) return error.code
    throw error
  }
}

describe('why a cell has its name', () => {
  // Looks at two places of its crop and nowhere else: training/make_places_fixture.py.
  const model = path.join(ROOT, 'test/fixtures/models/places')
  const PLACES = { for: { row: 8 / 32, column: 24 / 32 }, against: { row: 24 / 32, column: 8 / 32 } }
  const HALF = 4 / 32
  let bench: Bench
  let cells: readonly Cell[]
  beforeAll(async () => {
    bench = await openBench({ dataFolder: temporaryFolder(), model })
    cells = (await scanned(bench, 30)).cells
  }, 120_000)
  afterAll(() => bench.close())

  /** Middle of the spot with the largest weight, as shares of the side, and that weight. */
  function strongest({ rows, columns }: Saliency, weights: readonly number[]) {
    const weight = Math.max(...weights)
    const at = weights.indexOf(weight)
    return { weight, row: (Math.floor(at / columns) + 0.5) / rows, column: ((at % columns) + 0.5) / columns }
  }

  it('is shown where the model looks, in the pictures a scan kept', async () => {
    let told = 0
    for (const cell of cells) {
      const answer = await bench.client.evidence.saliency({ cellId: cell.id })
      expect(answer.model).toBe('places 1')
      expect(answer.maps).toHaveLength(2)
      const blast = answer.maps.find((map) => map.class === 'BLA')!
      const most = strongest(answer, blast.weights)
      // Where nothing lies at the place, covering it changes next to nothing, and there is nothing to point at.
      if (most.weight < 0.05) continue
      told++
      expect(Math.abs(most.row - PLACES.for.row)).toBeLessThanOrEqual(HALF)
      expect(Math.abs(most.column - PLACES.for.column)).toBeLessThanOrEqual(HALF)
      const corners = [0, answer.columns * answer.rows - 1].map((spot) => blast.weights[spot])
      expect(corners).toEqual([0, 0])
    }
    console.log(`${told} of ${cells.length} cells had something at the place the model looks at`)
    expect(told).toBeGreaterThanOrEqual(5)
  })

  it('is about the cell: its picture, the spots and what covered them', async () => {
    const { sideUm, pictureUm, spotUm, background } = await bench.client.evidence.saliency({ cellId: cells[0].id })
    expect(sideUm).toBeCloseTo(32 * 0.7, 9)
    expect(pictureUm).toBe(25)
    expect(spotUm).toBeGreaterThan(sideUm / 8)
    expect(spotUm).toBeLessThan(sideUm / 3)
    for (const channel of background) expect(channel).toBeGreaterThan(150)
  })

  it('is asked for a cell there is, and can be called off', async () => {
    expect(await codeOf(bench.client.evidence.saliency({ cellId: 999_999 }))).toBe('not-found')
    const abort = new AbortController()
    const asked = bench.client.evidence.saliency({ cellId: cells[0].id }, { signal: abort.signal })
    abort.abort()
    await expect(asked).rejects.toThrow()
    expect((await bench.client.evidence.saliency({ cellId: cells[0].id })).cellId).toBe(cells[0].id)
  })
})

describe('the map of a run', () => {
  let bench: Bench
  let runId: number
  let cells: readonly Cell[]
  beforeAll(async () => {
    bench = await openBench({ dataFolder: temporaryFolder() })
    ;({ runId, cells } = await scanned(bench, 120))
  }, 120_000)
  afterAll(() => bench.close())

  async function mapOf(run: number, modelId: number | null = null): Promise<{ map: CellMap; told: CellMapEvent[] }> {
    const told: CellMapEvent[] = []
    for await (const event of await bench.client.evidence.map({ runId: run, modelId })) {
      if (event.state === 'ready') return { map: event.map, told }
      told.push(event)
    }
    throw new Error('the stream ended without a map')
  }

  it('has every named cell in its place, after telling how far it is', async () => {
    const { map, told } = await mapOf(runId)
    expect(map.cellIds).toEqual(cells.map((cell) => cell.id).sort((a, b) => a - b))
    expect([map.x.length, map.y.length, map.laidOut]).toEqual([cells.length, cells.length, cells.length])
    for (const value of [...map.x, ...map.y]) expect(Math.abs(value)).toBeLessThanOrEqual(1)
    expect(told.length).toBeGreaterThan(2)
    const shares = told.map((event) => (event.state === 'working' ? event.done : 1))
    expect(shares).toEqual([...shares].sort((a, b) => a - b))
  })

  it('keeps together what the machine named alike', async () => {
    const { map } = await mapOf(runId)
    const named = new Map(cells.map((cell) => [cell.id, cell.machineClass]))
    let alike = 0
    for (const [a, cellId] of map.cellIds.entries()) {
      const apart = map.cellIds.map((_, b) =>
        b === a ? Number.POSITIVE_INFINITY : (map.x[a] - map.x[b]) ** 2 + (map.y[a] - map.y[b]) ** 2,
      )
      const nearest = map.cellIds[apart.indexOf(Math.min(...apart))]
      if (named.get(nearest) === named.get(cellId)) alike++
    }
    expect(alike / map.cellIds.length).toBeGreaterThan(0.6)
  })

  it('is made once for the same cells, whatever a person labels meanwhile', async () => {
    const { map } = await mapOf(runId)
    await bench.client.cells.relabel({ cellIds: [cells[0].id], class: 'BAS', reader: 'A' })
    const again = await mapOf(runId)
    expect(again.told).toEqual([])
    expect(again.map).toEqual(map)
  })

  it('and the reasons are those of the model asked about, where another read the run again', async () => {
    const { map: own } = await mapOf(runId)
    await bench.client.models.add({ path: path.join(ROOT, 'test/fixtures/models/places') })
    let modelId: number | null = null
    for await (const event of await bench.client.runs.reread({ runId, model: 'places@1' })) {
      if (event.state === 'ready') modelId = event.reading.modelId
    }
    const cellId = cells[0].id
    for await (const event of await bench.client.evidence.map({ runId, modelId })) {
      if (event.state !== 'ready') continue
      expect(event.map).toMatchObject({ model: 'places 1', basis: 'probabilities', cellIds: own.cellIds })
      expect(event.map.x).not.toEqual(own.x)
    }
    expect((await bench.client.evidence.saliency({ cellId, modelId })).model).toBe('places 1')
    expect((await bench.client.evidence.saliency({ cellId })).model).toBe(own.model)
    expect((await bench.client.evidence.model({ runId, modelId })).model?.name).toBe('places')
    expect((await bench.client.evidence.model({ model: 'places' })).model?.name).toBe('places')
    const { model: inUse } = await bench.client.evidence.model({})
    expect(`${inUse?.name} ${inUse?.version}`).toBe(own.model)
    expect(await codeOf(mapOf(runId, 999))).toBe('not-found')
  })

  it('can be called off, and is made all the same for whoever asks next', async () => {
    const { runId: other } = await scanned(bench, 60)
    const abort = new AbortController()
    const stream = await bench.client.evidence.map({ runId: other }, { signal: abort.signal })
    const first = await stream.next()
    expect(first).toMatchObject({ done: false, value: { state: 'working' } })
    abort.abort()
    await stream.return?.()
    const { map, told } = await mapOf(other)
    expect(map.runId).toBe(other)
    expect(told.length).toBeGreaterThan(0)
  })

  it('is refused where there is none to make', async () => {
    expect(await codeOf(mapOf(999))).toBe('not-found')
    // Stopped before its first field is in.
    const { runId: small } = await bench.client.runs.start({ rig: { ...rig, timeScale: 1 }, targetCells: 1 })
    await bench.client.runs.stop({ runId: small })
    const { cells: found } = await bench.client.cells.list({ runId: small })
    expect(found.length).toBeLessThan(20)
    expect(await codeOf(mapOf(small))).toBe('invalid-input')
  })
})
