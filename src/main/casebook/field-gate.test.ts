import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CASE, newCell, newField, newRun } from '../../../test/support/casebook-rows.ts'
import { CLASS_CODES } from '../../shared/taxonomy.ts'
import type { Casebook } from './casebook.ts'
import { openCasebook } from './open-casebook.ts'

const [NGS, BLA, ART] = ['NGS', 'BLA', 'ART'].map((code) => CLASS_CODES.indexOf(code as 'NGS'))

let folder: string
let casebook: Casebook
/** A second connection, as another program would have. */
let outside: Database.Database
let runId: number

/** Three fields: the gate leaves out the middle one. */
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'medulla-gate-'))
  casebook = openCasebook(folder)
  outside = new Database(join(folder, 'casebook.sqlite'))
  runId = casebook.createRun(newRun(casebook.createCase(CASE).caseId)).runId
  casebook.commitField(newField(runId, 0, [newCell(NGS), newCell(NGS)]))
  const blurred = newField(runId, 1, [newCell(BLA), newCell(NGS), newCell(ART)])
  const leftOut = { reason: 'focus', words: 'out of focus: edges 0.41 um wide', reader: null } as const
  casebook.commitField({ ...blurred, field: { ...blurred.field, leftOut } })
  casebook.commitField(newField(runId, 2, [newCell(BLA)]))
})
afterEach(() => {
  outside.close()
  casebook.close()
  rmSync(folder, { recursive: true })
})

/** Everything that counts cells, at once. */
function counted() {
  const { machine, current, leftOut } = casebook.counts(runId)
  const blasts = casebook.searchedCells(runId, 'BLA').filter(({ leftOut }) => !leftOut).length
  const { fields, fieldsLeftOut, cells, counted } = casebook.run(runId)
  return {
    machine: Object.fromEntries(machine),
    current: Object.fromEntries(current),
    leftOut,
    summary: { fields, fieldsLeftOut, cells, counted },
    listed: casebook.listCases()[0].runs.map((run) => [run.fieldsLeftOut, run.counted]),
    tally: casebook.tally(runId).reduce((sum, row) => sum + row.cells, 0),
    opinions: casebook.opinions(runId).cells.length,
    unsure: casebook.doubts(runId, [0.8]).unsure,
    ledger: [casebook.machineAreas(runId).map(({ field }) => field), casebook.placedCells(runId).length],
    blasts,
  }
}

const WITHOUT_IT = {
  machine: { NGS: 2, BLA: 1 },
  current: { NGS: 2, BLA: 1 },
  leftOut: { fields: 1, cells: 3 },
  summary: { fields: 3, fieldsLeftOut: 1, cells: 6, counted: 3 },
  listed: [[1, 3]],
  tally: 3,
  opinions: 3,
  unsure: [3],
  ledger: [[0, 2], 3],
  blasts: 3,
}
const WITH_IT = {
  machine: { NGS: 3, BLA: 2, ART: 1 },
  current: { NGS: 3, BLA: 2, ART: 1 },
  leftOut: { fields: 0, cells: 0 },
  summary: { fields: 3, fieldsLeftOut: 0, cells: 6, counted: 5 },
  listed: [[0, 5]],
  tally: 6,
  opinions: 6,
  unsure: [6],
  ledger: [[0, 1, 2], 6],
  blasts: 6,
}

describe('a field that is left out', () => {
  test('keeps its cells, which count nowhere', () => {
    expect(counted()).toEqual(WITHOUT_IT)
    expect(casebook.fields(runId).map(({ leftOut, cells }) => [leftOut?.reason ?? null, cells])).toEqual([
      [null, 2],
      ['focus', 3],
      [null, 1],
    ])
    const cells = casebook.cells(runId)
    expect(cells.map(({ leftOut }) => leftOut)).toEqual([null, null, 'focus', 'focus', 'focus', null])
    expect(casebook.crop(cells[2].id)).not.toBeNull()
    expect(casebook.check()).toEqual([])
  })

  test('is brought back by a person, and the counts move once', () => {
    const before = casebook.revision(runId)
    const [field] = casebook.bringBackFields(runId, [1], 'Ada', 'sharp enough')
    expect(field).toMatchObject({ index: 1, leftOut: null, revision: before + 1 })
    expect(counted()).toEqual(WITH_IT)
    const changed = casebook.changedCells(runId, before, 10)
    expect(changed.map(({ leftOut, revision }) => [leftOut, revision - before])).toEqual([
      [null, 2],
      [null, 3],
      [null, 4],
    ])
    casebook.bringBackFields(runId, [1], 'Grace', null)
    expect(casebook.revision(runId)).toBe(before + 4)
    expect(casebook.fieldEvents(runId)).toEqual([
      expect.objectContaining({ field: 1, kind: 'bring-back', reader: 'Ada', reason: null, why: 'sharp enough' }),
    ])
  })

  test('is left out again for the same reason, by whoever says so', () => {
    casebook.bringBackFields(runId, [1], 'Ada', null)
    const [field] = casebook.leaveOutFields(runId, [1], 'Grace', null)
    expect(field.leftOut).toEqual({ reason: 'focus', words: 'out of focus: edges 0.41 um wide', reader: 'Grace' })
    expect(counted()).toEqual(WITHOUT_IT)
    expect(casebook.check()).toEqual([])
  })
})

test('a person leaves any field out, all that are named or none', () => {
  expect(() => casebook.leaveOutFields(runId, [0, 7], 'Ada', null)).toThrowError(/no field 7/)
  expect(counted()).toEqual(WITHOUT_IT)
  const fields = casebook.leaveOutFields(runId, [0, 2], 'Ada', 'a fold in the film')
  expect(fields.map(({ leftOut }) => leftOut)).toEqual([
    { reason: 'person', words: 'a fold in the film', reader: 'Ada' },
    { reason: 'person', words: 'a fold in the film', reader: 'Ada' },
  ])
  expect(casebook.run(runId)).toMatchObject({ fieldsLeftOut: 3, counted: 0, cells: 6 })
})

test('a label given meanwhile counts once the field is back', () => {
  const blast = casebook.cells(runId)[2].id
  casebook.relabel([blast], 'PLM', 'Ada', null)
  expect(counted()).toEqual(WITHOUT_IT)
  casebook.bringBackFields(runId, [1], 'Ada', null)
  expect(casebook.counts(runId).current.get('PLM')).toBe(1)
})

describe('the chain of field events', () => {
  beforeEach(() => {
    casebook.bringBackFields(runId, [1], 'Ada', null)
    casebook.leaveOutFields(runId, [0], 'Ada', 'a fold')
  })

  test('refuses to be changed', () => {
    expect(() => outside.exec("UPDATE field_event SET reader = 'Eve'")).toThrowError(/never changed/)
    expect(() => outside.exec('DELETE FROM field_event')).toThrowError(/never deleted/)
  })

  test('tells what was changed behind its back, and fields that no event explains', () => {
    outside.exec("DROP TRIGGER field_event_no_update; UPDATE field_event SET reader = 'Eve' WHERE id = 1")
    expect(casebook.check()).toEqual(['field event 1 was changed after it was written'])
    outside.exec("UPDATE field_event SET reader = 'Ada' WHERE id = 1; UPDATE cell SET left_out = 0")
    expect(casebook.check()).toEqual([`whether field 0 of run ${runId} counts is not what was last said of it`])
    outside.exec('UPDATE cell SET left_out = (SELECT left_out FROM field WHERE id = field_id)')
    expect(casebook.check()).toEqual([])
    outside.exec('DROP TRIGGER field_event_no_delete; DELETE FROM field_event WHERE id = 2')
    expect(casebook.check()).toEqual([`whether field 0 of run ${runId} counts is not what was last said of it`])
  })
})
