import type { CalibrationKind, CalibrationOf, CalibrationResult } from '../../../shared/contract/calibration.ts'
import { measureBacklash } from './backlash.ts'
import type { CalibrationBench } from './bench.ts'
import { measureDarkFrame, measureFlatField, measureWhiteBalance } from './light.ts'
import { measureLimits } from './limits.ts'
import { measurePixelSize } from './pixel-size.ts'
import { measureSettle } from './settle.ts'

type Measurement = (bench: CalibrationBench, dark: CalibrationOf<'dark-frame'> | null) => Promise<CalibrationResult>

/** How each kind is measured; what is known of the dark helps with the light. */
export const MEASUREMENTS: Readonly<Record<CalibrationKind, Measurement>> = {
  'pixel-size': async (bench) => ({ kind: 'pixel-size', ...(await measurePixelSize(bench)) }),
  'dark-frame': measureDarkFrame,
  'flat-field': measureFlatField,
  'white-balance': measureWhiteBalance,
  backlash: measureBacklash,
  settle: measureSettle,
  limits: measureLimits,
}

/** Kinds that are measured on clear glass rather than on cells. */
export const ON_CLEAR_GLASS: ReadonlySet<CalibrationKind> = new Set(['flat-field', 'white-balance'])
