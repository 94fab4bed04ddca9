import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CASE, newField, newRun } from '../../../test/support/casebook-rows.ts'
import { startChild } from '../../../test/support/child.ts'
import { sitting as sittingSchema } from '../../shared/contract/tally.ts'
import { type Rect, type StageUm, stageUm } from '../../shared/geometry.ts'
import type { Casebook } from './casebook.ts'
import { openCasebook } from './open-casebook.ts'
import type { NewSitting } from './tally-book.ts'

let folder: string
let casebook: Casebook
let caseId: number
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'medulla-casebook-'))
  casebook = openCasebook(folder)
  caseId = casebook.createCase(CASE).caseId
})
afterEach(() => {
  casebook.close()
  rmSync(folder, { recursive: true })
})

const code = (wanted: string) => expect.objectContaining({ code: wanted, detail: expect.anything() })
const view = (x: number, y = 0): Rect<StageUm> => ({ origin: stageUm(x, y), width: 180, height: 140 })
const begun = (changes: Partial<NewSitting> = {}) =>
  casebook.startSitting({
    caseId,
    reader: 'A. Reader',
    purpose: 'add',
    place: 'live',
    runId: null,
    frame: { rig: 'Stand 2', objective: '100x' },
    targetCells: 200,
    ...changes,
  }).sittingId

describe('cells counted by hand', () => {
  test('add up, with who, when and where, and are there after closing', () => {
    const sittingId = begun()
    for (const [name, at] of [
      ['NGS', view(0)],
      ['NGS', view(0)],
      ['ART', view(0)],
      ['EBO', view(500)],
    ] as const)
      casebook.countCell(sittingId, name, at)
    casebook.close()
    casebook = openCasebook(folder)
    const found = sittingSchema.parse(casebook.sitting(sittingId))
    expect(found).toMatchObject({
      caseId,
      reader: 'A. Reader',
      frame: { rig: 'Stand 2', objective: '100x' },
      cells: 4,
      counted: 3,
      views: 2,
      targetCells: 200,
    })
    expect(found.lastAt! >= found.startedAt).toBe(true)
    expect(casebook.sittings(caseId)).toEqual([found])
    expect(casebook.sittingCounts(sittingId)).toEqual(
      new Map([
        ['ART', 1],
        ['EBO', 1],
        ['NGS', 2],
      ]),
    ) // prettier-ignore
    const views = casebook.sittingViews(sittingId)
    expect(views.map(({ area }) => area)).toEqual([view(0), view(500)])
    expect(views[0].counts).toEqual(
      new Map([
        ['ART', 1],
        ['NGS', 2],
      ]),
    ) // prettier-ignore
    expect(casebook.check()).toEqual([])
  })

  test('are taken back one after the other, as events of their own', () => {
    const sittingId = begun()
    casebook.countCell(sittingId, 'NGS', view(0))
    casebook.countCell(sittingId, 'BLA', view(0))
    expect(casebook.undoCell(sittingId)).toBe('BLA')
    casebook.countCell(sittingId, 'PMO', view(0))
    expect(casebook.undoCell(sittingId)).toBe('PMO')
    expect(casebook.undoCell(sittingId)).toBe('NGS')
    expect(casebook.undoCell(sittingId)).toBeNull()
    expect(casebook.sitting(sittingId)).toMatchObject({ cells: 0, views: 1 })
    const kept = new Database(join(folder, 'casebook.sqlite'), { readonly: true })
    expect(kept.prepare('SELECT kind, class, takes_back FROM tally_event ORDER BY id').all()).toEqual([
      { kind: 'count', class: 'NGS', takes_back: null },
      { kind: 'count', class: 'BLA', takes_back: null },
      { kind: 'undo', class: 'BLA', takes_back: 2 },
      { kind: 'count', class: 'PMO', takes_back: null },
      { kind: 'undo', class: 'PMO', takes_back: 4 },
      { kind: 'undo', class: 'NGS', takes_back: 1 },
    ])
    kept.close()
    expect(casebook.check()).toEqual([])
  })

  test('belong to one place while the stage stands still, and to another when it has moved', () => {
    const sittingId = begun()
    for (const x of [0, 1.5, -0.5, 40, 0]) casebook.countCell(sittingId, 'NGS', view(x))
    expect(casebook.sittingViews(sittingId).map(({ area }) => area!.origin.x)).toEqual([0, 40, 0])
  })

  test('have no place where none is known, and say why', () => {
    const sittingId = begun({ place: 'none', frame: null })
    casebook.countCell(sittingId, 'NGS', null)
    casebook.countCell(sittingId, 'NGS', null)
    expect(casebook.sitting(sittingId)).toMatchObject({
      views: 1,
      frame: null,
      noFrame: expect.stringContaining('eyepiece'),
    })
    expect(casebook.sittingViews(sittingId)).toMatchObject([{ area: null, counts: new Map([['NGS', 2]]) }])
  })

  test('are never changed, deleted or put in between, and a change from outside is found', () => {
    const sittingId = begun()
    for (let i = 0; i < 3; i++) casebook.countCell(sittingId, 'NGS', view(0))
    casebook.close()
    const file = join(folder, 'casebook.sqlite')
    const outside = new Database(file)
    for (const table of ['sitting', 'sitting_view', 'tally_event']) {
      expect(() => outside.exec(`DELETE FROM ${table}`)).toThrow(/never deleted|FOREIGN KEY/)
      expect(() => outside.exec(`UPDATE ${table} SET id = id + 1`)).toThrow(/never changed/)
    }
    expect(() => outside.exec(`INSERT OR REPLACE INTO tally_event SELECT * FROM tally_event WHERE id = 2`)).toThrow(
      /only ever added/,
    )
    outside.exec(`DROP TRIGGER tally_event_no_update; UPDATE tally_event SET class = 'BLA' WHERE id = 2`)
    outside.close()
    casebook = openCasebook(folder)
    expect(casebook.check()).toEqual(['cell 2 counted by hand was changed after it was written'])
  })

  test('belong to a case and to a run of it', () => {
    const other = casebook.createCase({ ...CASE, accession: '26-1184' }).caseId
    const { runId } = casebook.createRun(newRun(other))
    expect(() => begun({ caseId: 999 })).toThrowError(code('not-found'))
    expect(() => begun({ place: 'slide', runId: 999 })).toThrowError(code('not-found'))
    expect(() => begun({ place: 'slide', runId })).toThrowError(code('invalid-input'))
    expect(() => casebook.countCell(7, 'NGS', null)).toThrowError(code('not-found'))
    expect(() => casebook.undoCell(7)).toThrowError(code('not-found'))
    expect(casebook.sittings(other)).toEqual([])
  })

  test('a process that is killed loses none that it had answered', async () => {
    const sittingId = begun()
    casebook.close()
    const counting = startChild(new URL('../../../test/support/count-cells.ts', import.meta.url), [
      folder,
      String(sittingId),
    ])
    let answered = 0
    counting.process.stdout?.on('data', (text: Buffer) => {
      for (const [, count] of text.toString().matchAll(/counted (\d+)/g)) answered = Number(count)
    })
    await counting.line('counted 40')
    await counting.kill()
    casebook = openCasebook(folder)
    const { cells, views } = casebook.sitting(sittingId)
    expect(cells).toBeGreaterThanOrEqual(Math.max(40, answered))
    expect(views).toBe(cells)
    expect(casebook.check()).toEqual([])
    casebook.countCell(sittingId, 'NGS', view(0))
    expect(casebook.sitting(sittingId).cells).toBe(cells + 1)
  })
})

describe('the ledger', () => {
  test('has each field of a run with what it owns, and each cell with its place', () => {
    const { runId } = casebook.createRun(newRun(caseId))
    casebook.commitField(newField(runId, 0, 3))
    casebook.commitField(newField(runId, 1, 2))
    expect(casebook.ledgerRuns(caseId)).toMatchObject([{ runId, plan: '{"rows":2}', rig: { kind: 'simulated' } }])
    expect(casebook.machineAreas(runId)).toMatchObject([
      { field: 0, cells: 3, owned: { origin: { x: 0, y: 0 }, width: 1843, height: 1382 } },
      { field: 1, cells: 2, owned: { origin: { x: 1843, y: 0 } } },
    ])
    casebook.relabel([1], 'BLA', 'A. Reader', null)
    expect(casebook.placedCells(runId).slice(0, 2)).toEqual([
      { field: 0, x: 0, y: 0, named: 'BLA', current: 'BLA' },
      { field: 0, x: 1, y: 1, named: 'PMO', current: 'PMO' },
    ])
    casebook.relabel([2], 'NGS', 'A. Reader', null)
    expect(casebook.placedCells(runId)[1]).toMatchObject({ named: 'PMO', current: 'NGS' })
  })

  test('keeps when the slide was moved', () => {
    expect(casebook.slideMoves(caseId)).toEqual([])
    expect(casebook.moveSlide(caseId, 'A. Reader')).toBe(1)
    expect(casebook.moveSlide(caseId, 'A. Reader')).toBe(2)
    expect(casebook.slideMoves(caseId)).toHaveLength(2)
    expect(() => casebook.moveSlide(999, 'A. Reader')).toThrowError(code('not-found'))
  })
})
