import { ORPCError } from '@orpc/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bench, openBench } from '../../src/main/bench/bench.ts'
import type { NewCell } from '../../src/main/casebook/casebook.ts'
import { openCasebook } from '../../src/main/casebook/open-casebook.ts'
import { CLASS_CODES } from '../../src/shared/taxonomy.ts'
import { CASE, modelWith, newCell, newField, newRun } from '../support/casebook-rows.ts'
import { temporaryFolder } from '../support/data-folder.ts'

const PMO = CLASS_CODES.indexOf('PMO')
const FGC = CLASS_CODES.indexOf('FGC')

/** A promyelocyte to the model, with so much probability of a faggot cell. */
function maybeFaggot(probability: number, x: number): NewCell {
  const cell = newCell(PMO, { x, y: 100 })
  cell.said!.probabilities[FGC] = probability
  return cell
}

const rendered = {
  FGC: {
    of: 100,
    othersOf: 900,
    table: [0.5, 0.1, 0.015].map((atLeast, i) => ({ atLeast, hits: [80, 96, 100][i], others: 10 * i })),
  },
}
const dataFolder = temporaryFolder()
let bench: Bench
let runId: number

beforeAll(async () => {
  const casebook = openCasebook(dataFolder)
  const { caseId } = casebook.createCase(CASE)
  runId = casebook.createRun(newRun(caseId, { model: modelWith({ candidates: { real: {}, rendered } }) })).runId
  const cells = [0.002, 0.3, 0.12, 0.02].map((probability, i) => maybeFaggot(probability, 100 + 40 * i))
  casebook.commitField(newField(runId, 0, [...cells, newCell(CLASS_CODES.indexOf('ART'), { x: 900, y: 100 })]))
  casebook.close()
  bench = await openBench({ dataFolder })
})
afterAll(() => bench.close())

const search = (recall = 0.95) => bench.client.search.candidates({ runId, class: 'FGC', recall })
const sign = (cellIds: number[]) =>
  bench.client.search.sign({ runId, class: 'FGC', recall: 0.95, cellIds, reader: 'A' })
const refusedWith = async (work: Promise<unknown>) => {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  )
  return error instanceof ORPCError ? error.code : null
}

describe('a search for a rare class', () => {
  it('keeps every cell that comes near it, the likeliest first, by the recall asked for', async () => {
    const report = await search()
    expect(report).toMatchObject({
      atLeast: 0.1,
      recall: { hits: 96, of: 100 },
      problem: null,
      counted: 4,
      state: 'pending',
    })
    expect(report.candidates).toMatchObject([
      { cellId: 2, class: 'PMO', reader: null, lookedAt: false },
      { cellId: 3, class: 'PMO', reader: null, lookedAt: false },
    ])
    expect(report.candidates[0].probability).toBeCloseTo(0.3, 6)
    expect((await search(1)).candidates.map(({ cellId }) => cellId)).toEqual([2, 3, 4])
    expect((await search(0.5)).candidates).toEqual([])
    expect((await search(0.5)).state).toBe('none')
  })

  it('is reviewed once a person signs for the candidates, and keeps who and when', async () => {
    expect(await refusedWith(sign([1]))).toBe('invalid-input')
    expect(await refusedWith(sign([]))).toBe('invalid-input')
    expect(await refusedWith(bench.client.search.candidates({ runId, class: 'ART' }))).toBe('invalid-input')
    expect(await refusedWith(bench.client.search.candidates({ runId: 99, class: 'FGC' }))).toBe('not-found')
    expect(await sign([2])).toMatchObject({ state: 'pending', toLookAt: 1 })
    const report = await sign([2, 3])
    expect(report).toMatchObject({ state: 'reviewed', toLookAt: 0, found: 0 })
    expect(report.reviews).toMatchObject([
      { reader: 'A', candidates: 2, found: 0, counted: 4 },
      { reader: 'A', candidates: 1, found: 0, counted: 4 },
    ])
    // Labels stay as they are: nobody said what these cells are.
    expect((await bench.client.cells.list({ runId })).cells.every(({ reader }) => reader === null)).toBe(true)
  })

  it('is over again for a candidate that comes later or with a higher recall, and finds what a person calls so', async () => {
    expect(await search(1)).toMatchObject({ state: 'pending', toLookAt: 1 })
    await bench.client.cells.relabel({ cellIds: [4], class: 'FGC', reader: 'B' })
    const report = await search()
    expect(report).toMatchObject({ state: 'found', found: 1, toLookAt: 0 })
    expect(report.candidates.map(({ cellId }) => cellId)).toEqual([2, 3, 4])
    await bench.client.cells.undo({ cellIds: [4], reader: 'B' })
    expect(await search()).toMatchObject({ state: 'reviewed', found: 0 })
  })

  it('is kept: signed reviews cannot be changed', async () => {
    await bench.close()
    bench = await openBench({ dataFolder })
    expect((await search()).reviews).toHaveLength(2)
  })
})
