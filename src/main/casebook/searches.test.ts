import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { CASE, newCell, newField, newRun } from '../../../test/support/casebook-rows.ts'
import { CLASS_CODES } from '../../shared/taxonomy.ts'
import type { Casebook } from './casebook.ts'
import { openCasebook } from './open-casebook.ts'

const BLA = CLASS_CODES.indexOf('BLA')
const NGS = CLASS_CODES.indexOf('NGS')
let folder: string
let casebook: Casebook
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'medulla-searches-'))
  casebook = openCasebook(folder)
})
afterEach(() => {
  casebook.close()
  rmSync(folder, { recursive: true })
})

const REVIEW = {
  modelId: null,
  class: 'BLA',
  atLeast: 0.05,
  reader: 'A',
  counted: 2,
  cellIds: [2, 1],
  found: 0,
} as const

test('every cell has the probability its model gave it of any class', () => {
  const { caseId } = casebook.createCase(CASE)
  const { runId } = casebook.createRun(newRun(caseId))
  casebook.commitField(newField(runId, 0, [newCell(BLA), { ...newCell(NGS), said: null }]))
  casebook.relabel([1], 'NGS', 'A', null)
  expect(casebook.searchedCells(runId, 'BLA')).toEqual([
    { cellId: 1, named: 'BLA', class: 'NGS', reader: 'A', probability: 0.75, leftOut: false },
    { cellId: 2, named: null, class: null, reader: null, probability: null, leftOut: false },
  ])
  const [{ probability }] = casebook.searchedCells(runId, 'NIF')
  expect(probability).toBeCloseTo(0.25 / (CLASS_CODES.length - 1), 6)
  expect(() => casebook.searchedCells(99, 'BLA')).toThrowError(/no run 99/i)
})

test('a signed review stays as it was signed', () => {
  const { caseId } = casebook.createCase(CASE)
  const { runId } = casebook.createRun(newRun(caseId))
  casebook.addSearchReview({ ...REVIEW, runId })
  casebook.addSearchReview({ ...REVIEW, runId, reader: 'B', cellIds: [3] })
  casebook.addSearchReview({ ...REVIEW, runId, class: 'FGC' })
  const { reviews, signed } = casebook.searchReviews(runId, 'BLA')
  expect(reviews).toMatchObject([
    { reader: 'B', candidates: 1 },
    { reader: 'A', candidates: 2, counted: 2, found: 0 },
  ])
  expect([...signed].sort()).toEqual([1, 2, 3])
  expect(() => casebook.addSearchReview({ ...REVIEW, runId: 99 })).toThrowError(/no run 99/i)
  casebook.close()
  const database = new Database(join(folder, 'casebook.sqlite'))
  expect(() => database.exec("UPDATE search_review SET reader = 'C'")).toThrowError(/never changed/)
  expect(() => database.exec('DELETE FROM search_review')).toThrowError(/never deleted/)
  expect(() =>
    database.exec('INSERT OR REPLACE INTO search_review SELECT * FROM search_review WHERE id = 1'),
  ).toThrowError(/only ever added/)
  database.close()
  casebook = openCasebook(folder)
})
