import { calibrationValue } from '../../shared/calibration-words.ts'
import type { Calibration, CalibrationKind } from '../../shared/contract/calibration.ts'
import { table } from './output.ts'

export function calibrationText({ rig, objective, measuredAt, result }: Calibration): string {
  const of = objective === null ? rig : `${rig}, ${objective}`
  return `${of}, ${measuredAt}\n${result.kind}: ${calibrationValue(result)}`
}

export function calibrationsTable(known: readonly Calibration[], unknown: readonly CalibrationKind[]): string {
  const rows = known.map(({ id, measuredAt, result }) => [
    String(id),
    result.kind,
    calibrationValue(result),
    measuredAt,
  ])
  return table(
    ['Number', 'Kind', 'Value', 'Measured'],
    [...rows, ...unknown.map((kind) => ['-', kind, 'unknown', '-'])],
    [0],
  )
}
