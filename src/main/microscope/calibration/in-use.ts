import type { Calibration, CalibrationKind, CalibrationOf } from '../../../shared/contract/calibration.ts'

/** What is known of a rig with an objective, by kind; null: unknown. */
export type CalibrationsInUse = { readonly [K in CalibrationKind]: CalibrationOf<K> | null }

/** The first of each kind: of a list with the newest first, what is in use. */
export function firstOfEach(calibrations: readonly Calibration[]): Calibration[] {
  const seen = new Set<CalibrationKind>()
  return calibrations.filter(({ result: { kind } }) => !seen.has(kind) && seen.add(kind))
}

export function inUse(calibrations: readonly Calibration[]): CalibrationsInUse {
  const of = <K extends CalibrationKind>(kind: K): CalibrationOf<K> | null => {
    const found = calibrations.find(({ result }) => result.kind === kind)
    return found ? (found.result as CalibrationOf<K>) : null
  }
  return {
    'pixel-size': of('pixel-size'),
    'dark-frame': of('dark-frame'),
    'flat-field': of('flat-field'),
    'white-balance': of('white-balance'),
    backlash: of('backlash'),
    settle: of('settle'),
    limits: of('limits'),
  }
}

export const NOTHING_KNOWN: CalibrationsInUse = inUse([])
