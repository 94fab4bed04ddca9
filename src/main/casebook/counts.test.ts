import { rmSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, expect, it } from 'vitest'
import { CASE, newCell, newField, newRun } from '../../../test/support/casebook-rows.ts'
import { temporaryFolder } from '../../../test/support/data-folder.ts'
import { drawFrom } from '../../../test/support/draw.ts'
import { CLASS_CODES } from '../../shared/taxonomy.ts'
import { openCasebook } from './open-casebook.ts'

const folder = temporaryFolder()
const casebook = openCasebook(folder)
afterAll(() => {
  casebook.close()
  rmSync(folder, { recursive: true })
})

/** Everything there is a number of, counted from the cells one by one. */
function countedAnew(runId: number) {
  const fields = casebook.fields(runId)
  const out = new Set(fields.filter((field) => field.leftOut !== null).map((field) => field.index))
  const cells = casebook.cells(runId)
  const there = cells.filter((cell) => !out.has(cell.field))
  const named = (of: (cell: (typeof cells)[number]) => string | null) => {
    const counts = new Map<string, number>()
    for (const cell of there) counts.set(of(cell) ?? '', (counts.get(of(cell) ?? '') ?? 0) + 1)
    return Object.fromEntries([...counts].sort())
  }
  return {
    fields: fields.length,
    fieldsLeftOut: out.size,
    cells: cells.length,
    leftOut: { fields: out.size, cells: cells.length - there.length },
    machine: named((cell) => cell.machineClass),
    current: named((cell) => cell.class),
    tally: there.length,
  }
}

function counted(runId: number) {
  const { fields, fieldsLeftOut, cells } = casebook.run(runId)
  const { machine, current, leftOut } = casebook.counts(runId)
  const sorted = (counts: ReadonlyMap<string, number>) => Object.fromEntries([...counts].sort())
  const tally = casebook.tally(runId).reduce((sum, row) => sum + row.cells, 0)
  return { fields, fieldsLeftOut, cells, leftOut, machine: sorted(machine), current: sorted(current), tally }
}

it('numbers are those of the cells, whatever was done to them and in whatever order', () => {
  const draw = drawFrom(20261126)
  const { caseId } = casebook.createCase(CASE)
  const [runId, other] = [0, 1].map(() => casebook.createRun(newRun(caseId)).runId)
  const any = <T>(items: readonly T[]): T => items[Math.floor(draw.next() * items.length)]!
  for (let step = 0; step < 150; step++) {
    const fields = casebook.fields(runId)
    const what = fields.length === 0 ? 0 : draw.next()
    if (what < 0.4) {
      const cells = Array.from({ length: Math.floor(draw.between(0, 6)) }, () =>
        newCell(Math.floor(draw.between(0, 21))),
      )
      for (const id of [runId, other]) casebook.commitField(newField(id, fields.length, cells))
    } else if (what < 0.55) casebook.leaveOutFields(runId, [any(fields).index], 'Ada', null)
    else if (what < 0.7) casebook.bringBackFields(runId, [any(fields).index], 'Ada', null)
    else {
      const cells = casebook.cells(runId)
      if (cells.length === 0) continue
      const ids = [any(cells).id, any(cells).id]
      if (what < 0.9) casebook.relabel(ids, any(CLASS_CODES), any(['Ada', 'Ben']), null)
      else casebook.undo(ids, 'Ada')
    }
    if (step % 10 === 0) expect(counted(runId)).toEqual(countedAnew(runId))
  }
  expect(counted(runId)).toEqual(countedAnew(runId))
  expect(counted(other)).toEqual(countedAnew(other))
  expect(casebook.check()).toEqual([])
})

it('numbers that are not those of the cells are found', () => {
  const outside = new Database(join(folder, 'casebook.sqlite'))
  outside.exec(
    'UPDATE cell_count SET cells = cells + 1 WHERE run_id = 1; UPDATE field_count SET fields = 0 WHERE run_id = 2',
  )
  expect(casebook.check()).toEqual([
    'the number of fields of run 2 is not that of the fields there are',
    'the numbers of cells of run 1 are not those of the cells there are',
  ])
  outside.close()
})
