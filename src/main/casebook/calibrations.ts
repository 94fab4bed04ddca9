import type Database from 'better-sqlite3'
import { type Calibration, type CalibrationResult, calibrationResult } from '../../shared/contract/calibration.ts'
import type { Casebook } from './casebook.ts'
import { missing } from './missing.ts'

interface CalibrationRow {
  readonly id: number
  readonly rig: string
  readonly objective: string
  readonly measured_at: string
  readonly result: string
}

export type Calibrations = Pick<Casebook, 'addCalibration' | 'calibrations' | 'calibration'>

export function calibrationsOf(database: Database.Database): Calibrations {
  const insert = database.prepare(
    'INSERT INTO calibration (rig, objective, kind, measured_at, result) VALUES (?, ?, ?, ?, ?)',
  )
  const one = database.prepare<[number], CalibrationRow>('SELECT * FROM calibration WHERE id = ?')
  const ofRig = database.prepare<[string, string], CalibrationRow>(
    'SELECT * FROM calibration WHERE rig = ? AND objective = ? ORDER BY id DESC',
  )

  function calibration(id: number): Calibration {
    const row = one.get(id)
    if (!row) throw missing('calibration', id)
    return toCalibration(row)
  }

  return {
    calibration,
    calibrations: (rig, objective) => ofRig.all(rig, objective ?? '').map(toCalibration),
    addCalibration(rig: string, objective: string | null, result: CalibrationResult) {
      const kept = calibrationResult.parse(result)
      const made = insert.run(rig, objective ?? '', kept.kind, new Date().toISOString(), JSON.stringify(kept))
      return calibration(Number(made.lastInsertRowid))
    },
  }
}

function toCalibration(row: CalibrationRow): Calibration {
  return {
    id: row.id,
    rig: row.rig,
    objective: row.objective === '' ? null : row.objective,
    measuredAt: row.measured_at,
    result: calibrationResult.parse(JSON.parse(row.result)),
  }
}
