import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { CalibrationResult } from '../../shared/contract/calibration.ts'
import type { Casebook } from './casebook.ts'
import { openCasebook } from './open-casebook.ts'

let folder: string
let casebook: Casebook
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'medulla-calibrations-'))
  casebook = openCasebook(folder)
})
afterEach(() => {
  casebook.close()
  rmSync(folder, { recursive: true, force: true })
})

const settle = (settleMs: number): CalibrationResult => ({
  kind: 'settle',
  settleMs,
  errorMs: 3,
  distanceUm: 170,
  moves: 6,
})

test('calibrations are kept by rig and objective, newest first, and dated', () => {
  const first = casebook.addCalibration('Bench 1', null, settle(40))
  const second = casebook.addCalibration('Bench 1', null, settle(50))
  casebook.addCalibration('Bench 1', '40x', settle(60))
  casebook.addCalibration('Bench 2', null, settle(70))
  expect(casebook.calibrations('Bench 1', null)).toEqual([second, first])
  expect(casebook.calibrations('Bench 1', '40x').map(({ result }) => result)).toEqual([settle(60)])
  expect(casebook.calibrations('Bench 3', null)).toEqual([])
  expect(casebook.calibration(first.id)).toEqual(first)
  expect(first.objective).toBeNull()
  expect(Math.abs(Date.now() - Date.parse(first.measuredAt))).toBeLessThan(3_600_000)
  expect(() => casebook.calibration(99)).toThrow(/no calibration 99/)
})

test('what is no result is not kept, and what is kept is neither changed nor deleted', () => {
  expect(() => casebook.addCalibration('Bench 1', null, { ...settle(40), settleMs: 'soon' } as never)).toThrow()
  expect(casebook.calibrations('Bench 1', null)).toEqual([])
  casebook.addCalibration('Bench 1', null, settle(40))
  casebook.close()
  const database = new Database(join(folder, 'casebook.sqlite'))
  expect(() => database.exec("UPDATE calibration SET rig = 'Bench 9'")).toThrow(/never changed/)
  expect(() => database.exec('DELETE FROM calibration')).toThrow(/never deleted/)
  database.close()
  casebook = openCasebook(folder)
  expect(casebook.calibrations('Bench 1', null)).toHaveLength(1)
  expect(casebook.check()).toEqual([])
})
