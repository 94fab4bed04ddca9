import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CASE, MODEL, modelWith, newCell, newField, newRun } from '../../../test/support/casebook-rows.ts'
import { temporaryFolder } from '../../../test/support/data-folder.ts'
import { reading as readingSchema } from '../../shared/contract/readings.ts'
import { CLASS_CODES } from '../../shared/taxonomy.ts'
import type { Casebook, ReadingModel, Said } from './casebook.ts'
import { openCasebook } from './open-casebook.ts'

const NGS = CLASS_CODES.indexOf('NGS')
const BLA = CLASS_CODES.indexOf('BLA')
const LYT = CLASS_CODES.indexOf('LYT')

/** Another model, of two classes, which states a limit. */
const OTHER: ReadingModel = modelWith({
  version: '2',
  sha256: 'cd'.repeat(32),
  variant: 'int8',
  classes: ['BLA', 'LYT'],
  unsure: { below: 0.7, errorRate: 0.05, n: 10, share: 0.1, table: [] },
  card: '# marrow 2',
})
const says = (bla: number): Said => ({
  probabilities: Float32Array.of(bla, 1 - bla),
  embedding: null,
  unfamiliarity: null,
})

let folder: string
let casebook: Casebook
let runId: number
beforeEach(() => {
  folder = temporaryFolder()
  casebook = openCasebook(folder)
  runId = casebook.createRun(newRun(casebook.createCase(CASE).caseId)).runId
  casebook.commitField(newField(runId, 0, [newCell(BLA), newCell(NGS)]))
  casebook.commitField(newField(runId, 1, [newCell(LYT)]))
})
afterEach(() => casebook.close())

const classes = (modelId?: number) => casebook.cells(runId, modelId).map((cell) => cell.class)

/** Reads all cells, sure of blasts but the last. */
function readAll(): number {
  const modelId = casebook.beginReading(runId, OTHER, 'crop')
  const cells = casebook.cellsToRead(runId, modelId)
  const said = cells.map(({ cellId }, i) => ({ cellId, ...says(i === cells.length - 1 ? 0.4 : 0.9) }))
  casebook.addPredictions(modelId, said)
  casebook.endReading(runId, modelId)
  return modelId
}

describe('a run that another model reads', () => {
  test('keeps what its own model said beside it', () => {
    const modelId = readAll()
    expect(classes()).toEqual(['BLA', 'NGS', 'LYT'])
    expect(classes(modelId)).toEqual(['BLA', 'BLA', 'LYT'])
    expect(casebook.cells(runId, modelId).map(({ probability, unsure }) => [probability?.toFixed(1), unsure])).toEqual([
      ['0.9', false],
      ['0.9', false],
      ['0.6', true],
    ])
    expect(casebook.cells(runId).every((cell) => !cell.unsure)).toBe(true)
    expect(casebook.cells(runId, modelId)[2].alternatives.map((each) => each.class)).toEqual(['LYT', 'BLA'])
    expect(casebook.changedCells(runId, 0, 9, modelId)).toEqual(casebook.cells(runId, modelId))
    expect(casebook.agreement(runId, modelId)).toEqual({ cells: 3, same: 2 })
    expect(casebook.check()).toEqual([])
  })

  test('tells which models those were, also after closing', () => {
    const modelId = readAll()
    casebook.setRunState(runId, 'finished', { stopped: 'user' })
    casebook.close()
    casebook = openCasebook(folder)
    const [own, other] = casebook.readings(runId).map((each) => readingSchema.parse(each))
    expect(own).toMatchObject({ own: true, name: 'marrow', version: '1', source: 'field', cells: 3 })
    expect(own.finishedAt).not.toBeNull()
    expect(other).toMatchObject({ modelId, own: false, version: '2', variant: 'int8', source: 'crop', cells: 3 })
    expect(casebook.readingModel(runId, modelId)).toEqual(OTHER.info)
    expect(casebook.runModel(runId)).toEqual(MODEL.info)
    expect(() => casebook.readingModel(runId, modelId + 1)).toThrowError(/no reading/)
    expect(() => casebook.readings(runId + 1)).toThrowError(/no run/)
    expect(() => casebook.beginReading(runId + 1, OTHER, 'crop')).toThrowError(/no run/)
  })

  test('is counted by either, a person before both', () => {
    const modelId = readAll()
    const [first] = casebook.cells(runId)
    casebook.relabel([first.id], 'MON', 'Ada', null)
    expect(casebook.counts(runId, modelId)).toEqual({
      machine: new Map([
        ['BLA', 2],
        ['LYT', 1],
      ]),
      current: new Map([
        ['BLA', 1],
        ['LYT', 1],
        ['MON', 1],
      ]),
      relabelled: 1,
      leftOut: { fields: 0, cells: 0 },
    })
    expect(casebook.counts(runId).machine).toEqual(new Map(['BLA', 'LYT', 'NGS'].map((code) => [code, 1])))
    expect(classes(modelId)).toEqual(['MON', 'BLA', 'LYT'])
    expect(casebook.opinions(runId, modelId).cells.map(({ named, read }) => [named, read])).toEqual([
      ['BLA', 'MON'],
      ['BLA', null],
      ['LYT', null],
    ])
    expect(casebook.doubts(runId, [0.7], modelId).unsure).toEqual([1])
  })

  test('may be read in part, and again once it has grown', () => {
    const modelId = casebook.beginReading(runId, OTHER, 'crop')
    const [one] = casebook.cellsToRead(runId, modelId)
    casebook.addPredictions(modelId, [{ cellId: one.cellId, ...says(0.8) }])
    expect(casebook.counts(runId, modelId).machine).toEqual(
      new Map([
        ['BLA', 1],
        ['', 2],
      ]),
    )
    expect(casebook.readings(runId)[1]).toMatchObject({ cells: 1, finishedAt: null })
    expect(readAll()).toBe(modelId)
    expect(casebook.readings(runId)[1].finishedAt).not.toBeNull()
    casebook.commitField(newField(runId, 2, 2))
    expect(casebook.readings(runId)[1]).toMatchObject({ cells: 3, finishedAt: null })
    expect(casebook.cellsToRead(runId, modelId)).toHaveLength(2)
  })

  test('keeps an answer that was there first, and takes none of a model of other classes', () => {
    const modelId = readAll()
    const [{ id: cellId }] = casebook.cells(runId)
    casebook.addPredictions(modelId, [{ cellId, ...says(0.1) }])
    expect(classes(modelId)[0]).toBe('BLA')
    casebook.commitField(newField(runId, 2, 1))
    const unread = casebook.cellsToRead(runId, modelId)
    const wrong = { ...says(0.5), probabilities: new Float32Array(3) }
    expect(() => casebook.addPredictions(modelId, [{ cellId: unread[0].cellId, ...wrong }])).toThrowError(RangeError)
    expect(casebook.cellsToRead(runId, modelId)).toEqual(unread)
  })

  test('goes on with the limits it began with, and tells every provider', () => {
    const modelId = readAll()
    const stricter = { ...OTHER.info, unsure: { ...OTHER.info.unsure!, below: 0.99 } }
    expect(casebook.beginReading(runId, { info: stricter, provider: 'webgpu' }, 'slide')).toBe(modelId)
    expect(casebook.cells(runId, modelId).map((cell) => cell.unsure)).toEqual([false, false, true])
    expect(casebook.readings(runId)[1]).toMatchObject({ providers: ['cpu', 'webgpu'], source: 'crop' })
  })

  test('need not have a model of its own', () => {
    const { caseId } = casebook.createCase({ ...CASE, accession: 'other' })
    const bare = casebook.createRun(newRun(caseId, { model: null })).runId
    casebook.commitField(newField(bare, 0, [{ ...newCell(0), said: null }]))
    expect(casebook.readings(bare)).toEqual([])
    const modelId = casebook.beginReading(bare, OTHER, 'crop')
    const [{ cellId }] = casebook.cellsToRead(bare, modelId)
    casebook.addPredictions(modelId, [{ cellId, ...says(0.9) }])
    expect(casebook.cells(bare)[0]).toMatchObject({ class: null, machineClass: null })
    expect(casebook.cells(bare, modelId)[0]).toMatchObject({ class: 'BLA', machineClass: 'BLA' })
    expect(casebook.agreement(bare, modelId)).toEqual({ cells: 0, same: 0 })
  })
})
