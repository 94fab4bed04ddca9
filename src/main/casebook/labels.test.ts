import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CASE, newCell, newField, newRun } from '../../../test/support/casebook-rows.ts'
import { CLASS_CODES } from '../../shared/taxonomy.ts'
import type { LabelEvent } from './audit-chain.ts'
import type { Casebook } from './casebook.ts'
import { openCasebook } from './open-casebook.ts'

let folder: string
let casebook: Casebook
/** A second connection, as another program would have. */
let outside: Database.Database
let runId: number
let ids: number[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'medulla-labels-'))
  casebook = openCasebook(folder)
  outside = new Database(join(folder, 'casebook.sqlite'))
  runId = casebook.createRun(newRun(casebook.createCase(CASE).caseId)).runId
  const ngs = CLASS_CODES.indexOf('NGS')
  casebook.commitField(newField(runId, 0, [newCell(ngs), newCell(ngs), newCell(ngs)]))
  ids = casebook.cells(runId).map((cell) => cell.id)
})
afterEach(() => {
  outside.close()
  casebook.close()
  rmSync(folder, { recursive: true })
})

const events = () => outside.prepare('SELECT * FROM label_event ORDER BY id').all() as LabelEvent[]

describe('relabelling', () => {
  test('is an event that stays, and moves the cell to the end of the changes', () => {
    const before = casebook.revision(runId)
    const [changed] = casebook.relabel([ids[0]], 'BLA', 'Ada', 'nucleoli')
    expect(changed).toMatchObject({ class: 'BLA', machineClass: 'NGS', reader: 'Ada', revision: before + 1 })
    expect(casebook.changedCells(runId, before, 10)).toEqual([changed])
    expect(events()).toEqual([
      expect.objectContaining({
        id: 1,
        cell_id: ids[0],
        kind: 'label',
        from_class: 'NGS',
        to_class: 'BLA',
        why: 'nucleoli',
      }),
    ])
  })

  test('agreeing with the machine is a label; saying the same twice is not another', () => {
    casebook.relabel([ids[0]], 'NGS', 'Ada', null)
    casebook.relabel([ids[0]], 'NGS', 'Ada', null)
    expect(events()).toHaveLength(1)
    casebook.relabel([ids[0]], 'NGS', 'Grace', null)
    expect(casebook.relabel([ids[0]], 'NGS', 'Grace', 'seen again')[0].reader).toBe('Grace')
    expect(events()).toHaveLength(3)
  })

  test('changes all of its cells or none', () => {
    expect(() => casebook.relabel([ids[0], 9999], 'BLA', 'Ada', null)).toThrowError(
      expect.objectContaining({ code: 'not-found' }),
    )
    expect(events()).toEqual([])
    expect(casebook.cells(runId)[0].class).toBe('NGS')
    expect(casebook.relabel([ids[0], ids[0]], 'BLA', 'Ada', null)).toHaveLength(1)
  })
})

describe('undoing', () => {
  test('takes back label by label, each an event of its own, down to what the machine said', () => {
    casebook.relabel([ids[0]], 'BLA', 'Ada', null)
    casebook.relabel([ids[0]], 'PMO', 'Grace', null)
    expect(casebook.undo([ids[0]], 'Ada')[0]).toMatchObject({ class: 'BLA', reader: 'Ada' })
    expect(casebook.undo([ids[0]], 'Ada')[0]).toMatchObject({ class: 'NGS', reader: null })
    const revision = casebook.revision(runId)
    expect(casebook.undo([ids[0]], 'Ada')[0]).toMatchObject({ class: 'NGS', reader: null, revision })
    expect(events().map((event) => [event.kind, event.takes_back, event.from_class, event.to_class])).toEqual([
      ['label', null, 'NGS', 'BLA'],
      ['label', null, 'BLA', 'PMO'],
      ['undo', 2, 'PMO', 'BLA'],
      ['undo', 1, 'BLA', 'NGS'],
    ])
    expect(casebook.counts(runId).relabelled).toBe(0)
    expect(casebook.check()).toEqual([])
  })

  test('after a new label takes back the new one, not an old one again', () => {
    casebook.relabel([ids[0]], 'BLA', 'Ada', null)
    casebook.undo([ids[0]], 'Ada')
    casebook.relabel([ids[0]], 'EOS', 'Ada', null)
    expect(casebook.undo([ids[0]], 'Ada')[0]).toMatchObject({ class: 'NGS', reader: null })
  })

  test('leads back to no name where no model was there', () => {
    const unnamed = casebook.createRun(newRun(casebook.run(runId).caseId, { model: null })).runId
    casebook.commitField(newField(unnamed, 0, [{ ...newCell(0), said: null }]))
    const [{ id }] = casebook.cells(unnamed)
    casebook.relabel([id], 'BLA', 'Ada', null)
    expect(casebook.undo([id], 'Ada')[0]).toMatchObject({ class: null, reader: null })
    expect(casebook.check()).toEqual([])
  })
})

describe('the audit chain', () => {
  beforeEach(() => {
    casebook.relabel(ids, 'BLA', 'Ada', null)
    casebook.undo([ids[1]], 'Ada')
    casebook.relabel([ids[1]], 'EOS', 'Grace', 'granules')
  })

  test('is sound as written, also when read anew', () => {
    expect(casebook.check()).toEqual([])
    casebook.close()
    casebook = openCasebook(folder)
    expect(casebook.check()).toEqual([])
  })

  test.each([
    "UPDATE label_event SET to_class = 'NGS' WHERE id = 1",
    'DELETE FROM label_event WHERE id = 5',
    "INSERT OR REPLACE INTO label_event SELECT id, cell_id, kind, takes_back, 'Eve', at, from_class, to_class, why, previous_hash, hash FROM label_event WHERE id = 2",
    "UPDATE prediction SET class = 'BLA'",
  ])('the database refuses: %s', (sql) => {
    expect(() => outside.exec(sql)).toThrowError(/never|only ever|not changed/)
    expect(casebook.check()).toEqual([])
  })

  test.each([
    ['a changed event', "UPDATE label_event SET reader = 'Eve' WHERE id = 2", /label event 2 was changed/],
    ['an event taken out', 'DELETE FROM label_event WHERE id = 3', /label events 3 to 3 are missing/],
    ['the last event cut off', 'DELETE FROM label_event WHERE id = 5', /cell \d+ is not that of/],
    ['a label changed without an event', "UPDATE cell SET current_class = 'PLM' WHERE id = 3", /label of cell 3/],
    ['a reader changed without an event', "UPDATE cell SET reader = 'Eve' WHERE id = 1", /reader of cell 1/],
    ['a changed prediction', "UPDATE prediction SET class = 'PLM' WHERE cell_id = 2", /machine's class of cell 2/],
  ])('the check finds %s once the triggers are gone', (_what, sql, finding) => {
    outside.exec(
      `DROP TRIGGER label_event_no_update; DROP TRIGGER label_event_no_delete; DROP TRIGGER prediction_stays; ${sql}`,
    )
    expect(casebook.check().join('\n')).toMatch(finding)
  })
})
