import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CASE, MODEL, modelWith, newCell, newField, newRun } from '../../../test/support/casebook-rows.ts'
import { startChild } from '../../../test/support/child.ts'
import { caseSummary } from '../../shared/contract/cases.ts'
import { cell as cellSchema } from '../../shared/contract/cells.ts'
import { runSummary } from '../../shared/contract/runs.ts'
import { field as fieldSchema } from '../../shared/contract/slide.ts'
import type { StopRule } from '../../shared/contract/stopping.ts'
import { CLASS_CODES } from '../../shared/taxonomy.ts'
import type { Casebook } from './casebook.ts'
import { openCasebook } from './open-casebook.ts'

const NGS = CLASS_CODES.indexOf('NGS')
const BLA = CLASS_CODES.indexOf('BLA')
const ART = CLASS_CODES.indexOf('ART')

let folder: string
let casebook: Casebook
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'medulla-casebook-'))
  casebook = openCasebook(folder)
})
afterEach(() => {
  casebook.close()
  rmSync(folder, { recursive: true })
})

const code = (wanted: string) => expect.objectContaining({ code: wanted, detail: expect.anything() })
const aRun = (changes = {}) => casebook.createRun(newRun(casebook.createCase(CASE).caseId, changes)).runId

describe('cases', () => {
  test('come back newest first with their runs, also after closing', () => {
    const first = casebook.createCase(CASE)
    const second = casebook.createCase({ ...CASE, accession: '26-1184', birthYear: null, sex: null })
    const run = casebook.createRun(newRun(first.caseId))
    casebook.commitField(newField(run.runId, 0, [newCell(NGS), newCell(ART)]))
    casebook.close()
    casebook = openCasebook(folder)
    const cases = casebook.listCases()
    expect(cases).toEqual([second, { ...first, runs: [casebook.run(run.runId)] }])
    expect(cases[1].runs[0]).toMatchObject({ fields: 1, cells: 2, counted: 1 })
    for (const entry of cases) caseSummary.parse(entry)
  })

  test('have an accession of their own', () => {
    casebook.createCase(CASE)
    expect(() => casebook.createCase(CASE)).toThrowError(code('invalid-input'))
    expect(casebook.listCases()).toHaveLength(1)
  })
})

describe('runs', () => {
  test('start, end and keep their plan', () => {
    const runId = aRun()
    expect(runSummary.parse(casebook.run(runId))).toMatchObject({ state: 'scanning', model: 'marrow 1', stopped: null })
    expect(casebook.runPlan(runId)).toEqual({
      plan: '{"rows":2}',
      plannedFields: 40,
      slideWidthPx: 20_000,
      slideHeightPx: 15_000,
      pixelSizeUm: 0.092,
    })
    casebook.setRunPlan(runId, '{"rows":3}')
    expect(casebook.runPlan(runId).plan).toBe('{"rows":3}')
    const failure = { code: 'device-failed', message: 'silent', remedy: 'plug it in' }
    expect(casebook.setRunState(runId, 'failed', { failure })).toMatchObject({
      state: 'failed',
      failure,
      finishedAt: null,
    })
    expect(casebook.setRunState(runId, 'scanning')).toMatchObject({ state: 'scanning', failure: null })
    const ended = casebook.setRunState(runId, 'finished', { stopped: 'region', plannedFields: 12 })
    expect(ended).toMatchObject({ state: 'finished', stopped: 'region', plannedFields: 12 })
    expect(ended.finishedAt).not.toBeNull()
  })

  test('cannot finish without a reason, nor fail without a failure', () => {
    const runId = aRun()
    expect(() => casebook.setRunState(runId, 'finished')).toThrowError(/CHECK/)
    expect(() => casebook.setRunState(runId, 'failed')).toThrowError(/CHECK/)
    expect(casebook.run(runId).state).toBe('scanning')
  })

  test('a vanished process left open become interrupted, the others stay', () => {
    const { caseId } = casebook.createCase(CASE)
    const [scanning, paused, finished] = [1, 2, 3].map(() => casebook.createRun(newRun(caseId)).runId)
    casebook.setRunState(paused, 'paused')
    casebook.setRunState(finished, 'finished', { stopped: 'user' })
    expect(casebook.markInterrupted()).toBe(2)
    expect([scanning, paused, finished].map((id) => casebook.run(id).state)).toEqual([
      'interrupted',
      'interrupted',
      'finished',
    ])
    expect(casebook.markInterrupted()).toBe(0)
  })

  test('keep what their model said of itself, the graph and where it ran', () => {
    const { caseId } = casebook.createCase(CASE)
    const { runId } = casebook.createRun(newRun(caseId))
    expect(casebook.runModel(runId)).toEqual(MODEL.info)
    expect(casebook.run(runId).graph).toEqual({ sha256: MODEL.info.sha256, variant: 'float', providers: ['cpu'] })
    for (const provider of ['cpu', 'cuda', 'cuda']) casebook.addProvider(runId, provider)
    expect(casebook.run(runId).graph!.providers).toEqual(['cpu', 'cuda'])
    const without = casebook.createRun(newRun(caseId, { model: null }))
    expect(without).toMatchObject({ model: null, graph: null })
    expect(casebook.runModel(without.runId)).toBeNull()
  })

  test('that are not there are not found', () => {
    const known = aRun()
    for (const ask of [
      () => casebook.run(known + 1),
      () => casebook.runPlan(known + 1),
      () => casebook.runModel(known + 1),
      () => casebook.revision(known + 1),
      () => casebook.counts(known + 1),
      () => casebook.setRunState(known + 1, 'paused'),
      () => casebook.setRunPlan(known + 1, '{}'),
      () => casebook.commitField(newField(known + 1, 0, 3)),
      () => casebook.createRun(newRun(99)),
    ]) {
      expect(ask).toThrowError(code('not-found'))
    }
  })

  test('share a model only where its bytes are the same', () => {
    const { caseId } = casebook.createCase(CASE)
    casebook.createRun(newRun(caseId))
    casebook.createRun(newRun(caseId))
    const other = casebook.createRun(newRun(caseId, { model: modelWith({ version: '2', sha256: 'cd'.repeat(32) }) }))
    expect(other.model).toBe('marrow 2')
    expect(casebook.createRun(newRun(caseId, { model: null })).model).toBeNull()
  })
})

describe('what a run stops by', () => {
  const rule: StopRule = { kind: 'separation', classes: ['BLA'], percent: 5 }

  test('is kept with the run, its plain number of cells in one place, and can be replaced', () => {
    const runId = aRun({ targetCells: 500, stopWhen: [[{ kind: 'cells', cells: 300 }], [rule]] })
    expect(casebook.run(runId)).toMatchObject({ targetCells: 300, stopWhen: [[rule]], scanningSeconds: 0 })
    casebook.setStop(runId, { targetCells: null, stopWhen: [[rule, { kind: 'time', minutes: 5 }]] })
    casebook.close()
    casebook = openCasebook(folder)
    expect(casebook.run(runId)).toMatchObject({ targetCells: null, stopWhen: [[rule, { kind: 'time', minutes: 5 }]] })
    expect(() => casebook.setStop(99, { targetCells: 1, stopWhen: [] })).toThrowError(code('not-found'))
  })

  test('is told with where it stood when it ended the run, until the run goes on', () => {
    const runId = aRun()
    const standing = {
      rule,
      met: true,
      problem: null,
      cellsNeeded: null,
      cellsNeededLow: null,
      cellsNeededHigh: null,
      secondsNeeded: null,
      share: { side: 'below' as const, percent: 1, low: 0, high: 3 },
      found: null,
    }
    expect(() => casebook.setRunState(runId, 'finished', { stopped: 'rule' })).toThrowError(/CHECK/)
    const ended = casebook.setRunState(runId, 'finished', { stopped: 'rule', stoppedBy: [standing] })
    expect(runSummary.parse(ended).stoppedBy).toEqual([standing])
    expect(casebook.setRunState(runId, 'scanning').stoppedBy).toBeNull()
  })

  test('counts the time spent scanning by field, and cells by what was named and read', () => {
    const runId = aRun()
    casebook.commitField({ ...newField(runId, 0, [newCell(BLA), newCell(BLA), newCell(NGS)]), scanningMs: 1234.4 })
    expect(casebook.run(runId)).toMatchObject({ scanningSeconds: 1.234, firstFieldSeconds: 1.234 })
    casebook.commitField(newField(runId, 1, [newCell(NGS, { x: 3000, y: 10 })]))
    expect(casebook.run(runId)).toMatchObject({ scanningSeconds: 1.234, firstFieldSeconds: 1.234 })
    casebook.commitField({ ...newField(runId, 2, []), scanningMs: 2000 })
    expect(casebook.run(runId)).toMatchObject({ scanningSeconds: 2, firstFieldSeconds: 1.234 })
    casebook.relabel([1], 'NGS', 'A', null)
    expect(casebook.tally(runId)).toEqual([
      { named: 'BLA', read: null, cells: 1 },
      { named: 'BLA', read: 'NGS', cells: 1 },
      { named: 'NGS', read: null, cells: 2 },
    ])
    expect(() => casebook.tally(99)).toThrowError(code('not-found'))
  })
})

describe('fields and cells', () => {
  test('are there as they were committed', () => {
    const runId = aRun()
    const made = newField(runId, 0, [newCell(NGS, { x: 300, y: 200 })])
    expect(casebook.commitField(made)).toBe(2)
    expect(fieldSchema.parse(casebook.fields(runId)[0])).toEqual({ ...made.field, stitch: null, cells: 1, revision: 1 })
    const [cell] = casebook.cells(runId)
    expect(cellSchema.parse(cell)).toEqual({
      id: cell.id,
      field: 0,
      image: null,
      xPx: 300,
      yPx: 200,
      widthPx: 120,
      heightPx: 110,
      slideX: 300,
      slideY: 200,
      score: 0.9,
      class: 'NGS',
      machineClass: 'NGS',
      probability: 0.75,
      alternatives: [
        { class: 'NGS', probability: 0.75 },
        { class: 'BLA', probability: expect.closeTo(0.0125, 6) },
        { class: 'PMO', probability: expect.closeTo(0.0125, 6) },
      ],
      reader: null,
      unsure: false,
      unfamiliar: null,
      leftOut: null,
      revision: 2,
    })
    expect([...casebook.crop(cell.id)!]).toEqual([0xff, 0xd8, NGS])
    expect(casebook.crop(cell.id + 1)).toBeNull()
  })

  test('are unsure and unfamiliar by the limits of the model they were read with, for good', () => {
    const { caseId } = casebook.createCase(CASE)
    const unsure = { below: 0.8, errorRate: 0.05, n: 100, share: 0.1, table: [] }
    const model = modelWith({ unsure, unfamiliar: { above: 2, share: 0.01, n: 100 }, embeddingSize: 3 })
    const { runId } = casebook.createRun(newRun(caseId, { model }))
    const said = (unfamiliarity: number) => ({
      probabilities: newCell(NGS).said!.probabilities,
      embedding: Float32Array.of(1, -0.5, 0.1),
      unfamiliarity,
    })
    const certain = { ...said(1), probabilities: Float32Array.from(CLASS_CODES, (_, i) => (i === NGS ? 1 : 0)) }
    casebook.commitField(
      newField(runId, 0, [
        { ...newCell(NGS), said: said(2) },
        { ...newCell(NGS), said: said(2.5) },
        { ...newCell(NGS), said: certain },
      ]),
    )
    const marks = () => casebook.cells(runId).map((cell) => [cell.unsure, cell.unfamiliar])
    expect(marks()).toEqual([
      [true, false],
      [true, true],
      [false, false],
    ])
    // The same graph packed again with other limits: what was read before keeps its own.
    const later = modelWith({ unsure: { ...unsure, below: 0.5 } })
    casebook.createRun(newRun(caseId, { model: later }))
    expect(marks()[0]).toEqual([true, false])
    const [first] = casebook.cells(runId)
    casebook.relabel([first.id], 'BLA', 'Ada', null)
    expect(marks()[0]).toEqual([false, false])
  })

  test('are unnamed without a model', () => {
    const runId = aRun({ model: null })
    casebook.commitField(newField(runId, 0, [{ ...newCell(0), said: null }]))
    const [cell] = casebook.cells(runId)
    expect(cell).toMatchObject({ class: null, machineClass: null, probability: null, alternatives: [] })
    expect(casebook.run(runId)).toMatchObject({ cells: 1, counted: 0 })
    expect(casebook.counts(runId)).toEqual({
      machine: new Map([['', 1]]),
      current: new Map([['', 1]]),
      relabelled: 0,
      leftOut: { fields: 0, cells: 0 },
    })
  })

  test('a field commits once', () => {
    const runId = aRun()
    casebook.commitField(newField(runId, 0, 3))
    expect(() => casebook.commitField(newField(runId, 0, 5))).toThrowError(code('invalid-input'))
    expect(casebook.cells(runId)).toHaveLength(3)
    expect(casebook.revision(runId)).toBe(4)
  })

  test('nothing of a field stays whose last cell cannot be written', () => {
    const runId = aRun()
    const cells = [
      newCell(1),
      newCell(2),
      { ...newCell(3), said: { probabilities: new Float32Array(3), embedding: null, unfamiliarity: null } },
    ]
    expect(() => casebook.commitField(newField(runId, 0, cells))).toThrowError(RangeError)
    expect(() =>
      casebook.commitField(newField(runId, 0, [newCell(1), { ...newCell(2), slideX: Number.NaN }])),
    ).toThrowError()
    expect(casebook.fields(runId)).toEqual([])
    expect(casebook.cells(runId)).toEqual([])
    expect(casebook.revision(runId)).toBe(0)
    expect(casebook.check()).toEqual([])
  })

  test('come in the order of the fields, whatever the order of the commits', () => {
    const runId = aRun()
    for (const index of [1, 0, 2]) casebook.commitField(newField(runId, index, 2))
    expect(casebook.fields(runId).map((field) => field.index)).toEqual([0, 1, 2])
    expect(casebook.cells(runId).map((cell) => cell.field)).toEqual([0, 0, 1, 1, 2, 2])
  })

  test('changes page by page miss nothing and repeat nothing', () => {
    const runId = aRun()
    for (let index = 0; index < 4; index++) casebook.commitField(newField(runId, index, 10))
    const all = casebook.cells(runId)
    casebook.relabel([all[5].id, all[20].id], 'ART', 'Ada', null)
    const seen: number[] = []
    let after = 0
    for (;;) {
      const page = casebook.changedCells(runId, after, 7)
      if (page.length === 0) break
      seen.push(...page.map((cell) => cell.id))
      after = page.at(-1)!.revision
    }
    expect(after).toBe(casebook.revision(runId))
    expect(seen.toSorted((a, b) => a - b)).toEqual(all.map((cell) => cell.id))
    expect(seen.slice(-2)).toEqual([all[5].id, all[20].id])
    const since = casebook.fields(runId)[1].revision
    expect(casebook.fields(runId, since).map((field) => field.index)).toEqual([2, 3])
  })

  test('near a point are those within the radius, of that run', () => {
    const runId = aRun()
    const other = casebook.createRun(newRun(casebook.run(runId).caseId)).runId
    const at = [
      { x: 500, y: 500 },
      { x: 530, y: 540 },
      { x: 536, y: 536 },
      { x: 551, y: 500 },
      { x: 500, y: 449 },
    ]
    casebook.commitField(
      newField(
        runId,
        0,
        at.map((point) => newCell(1, point)),
      ),
    )
    casebook.commitField(
      newField(
        other,
        0,
        at.map((point) => newCell(1, point)),
      ),
    )
    const near = casebook.cellsNear(runId, 500, 500, 50)
    expect(near.map((cell) => [cell.slideX, cell.slideY])).toEqual([
      [500, 500],
      [530, 540],
    ])
  })

  test('survive kill -9 as whole fields, and the run goes on', async () => {
    const runId = aRun()
    const committer = new URL('../../../test/support/commit-fields.ts', import.meta.url)
    for (const enough of [5, 17, 40]) {
      const child = startChild(committer, [folder, String(runId)])
      await child.line(`committed ${enough}`)
      await child.kill()
      const fields = casebook.fields(runId)
      expect(fields.length).toBeGreaterThan(enough)
      expect(fields.map((field) => field.index)).toEqual(fields.map((_, i) => i))
      expect(fields.every((field) => field.cells === 20)).toBe(true)
      expect(casebook.check()).toEqual([])
    }
  })
})

describe('counts', () => {
  test('keep apart what the machine said and what stands', () => {
    const runId = aRun()
    casebook.commitField(newField(runId, 0, [newCell(BLA), newCell(BLA), newCell(NGS), newCell(ART)]))
    expect(casebook.run(runId).counted).toBe(3)
    const [blast, , segmented] = casebook.cells(runId)
    casebook.relabel([blast.id], 'ART', 'Ada', 'a smudge')
    casebook.relabel([segmented.id], 'NGS', 'Ada', null)
    expect(casebook.counts(runId)).toEqual({
      machine: new Map([
        ['BLA', 2],
        ['NGS', 1],
        ['ART', 1],
      ]),
      current: new Map([
        ['ART', 2],
        ['BLA', 1],
        ['NGS', 1],
      ]),
      relabelled: 2,
      leftOut: { fields: 0, cells: 0 },
    })
    expect(casebook.run(runId).counted).toBe(2)
  })
})

describe('places of fields', () => {
  const stitched = (runId: number, index: number, x: number) => ({
    ...newField(runId, index, [newCell(NGS, { x, y: 10 })]),
    placing: {
      xPx: x + 0.25,
      yPx: 0.125,
      stitches:
        index === 0
          ? []
          : [{ from: index - 1, offset: { xPx: 1840.5, yPx: 1 }, errorPx: 0.2, score: 0.9, unlike: false }],
    },
  })

  test('are kept with how they were told, and move with what they own and their cells', () => {
    const runId = aRun()
    casebook.commitField(stitched(runId, 0, 0))
    casebook.commitField(stitched(runId, 1, 1843))
    expect(casebook.exactPlaces(runId)).toEqual([
      { index: 0, xPx: 0.25, yPx: 0.125 },
      { index: 1, xPx: 1843.25, yPx: 0.125 },
    ])
    expect(casebook.stageError(runId)).toBeNull()
    expect(casebook.fields(runId)[1].stitch).toEqual({ compared: 1, matched: 1, score: 0.9 })
    const [before, revision] = [casebook.cells(runId), casebook.revision(runId)]
    casebook.movePlaces(runId, {
      places: [
        { index: 0, xPx: 0.1, yPx: 0, slideX: 0, slideY: 0 },
        { index: 1, xPx: 1840.4, yPx: 1.2, slideX: 1840, slideY: 1 },
      ],
      stageError: '{"learned":1}',
    })
    expect(casebook.fields(runId, revision)).toMatchObject([
      { index: 1, slideX: 1840, slideY: 1, owned: { x: 1840, y: 1, width: 1843 }, cells: 1 },
    ])
    const [still, moved] = casebook.cells(runId)
    expect(still).toEqual(before[0])
    expect(moved).toEqual({
      ...before[1],
      slideX: before[1].slideX - 3,
      slideY: before[1].slideY + 1,
      revision: moved.revision,
    })
    expect(casebook.changedCells(runId, revision, 10)).toEqual([moved])
    expect(moved.revision).toBe(casebook.revision(runId))
    expect(casebook.exactPlaces(runId)[0]).toEqual({ index: 0, xPx: 0.1, yPx: 0 })
    expect(casebook.stageError(runId)).toEqual({ fields: 2, model: '{"learned":1}' })
    const [seam] = casebook.stitches(runId)
    expect(seam).toEqual({
      from: 0,
      to: 1,
      offset: { xPx: 1840.5, yPx: 1 },
      errorPx: 0.2,
      score: 0.9,
      unlike: false,
      offPx: 0.5,
    })
    expect(casebook.stitches(runId, 1)).toEqual([])
    expect(casebook.check()).toEqual([])
  })

  test('move all or none', () => {
    const runId = aRun()
    casebook.commitField(stitched(runId, 0, 0))
    const before = casebook.fields(runId)
    const places = [
      { index: 0, xPx: 9, yPx: 9, slideX: 9, slideY: 9 },
      { index: 7, xPx: 9, yPx: 9, slideX: 9, slideY: 9 },
    ]
    expect(() => casebook.movePlaces(runId, { places, stageError: '{}' })).toThrowError(code('not-found'))
    expect(casebook.fields(runId)).toEqual(before)
    expect(casebook.stageError(runId)).toBeNull()
  })
})
