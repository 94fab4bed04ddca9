import type { MeasuredSet } from '../contract/models.ts'

/** Figures of a set that are measured again. */
export const COMPARED = ['balancedAccuracy', 'accuracy', 'calibrationError'] as const
type Compared = (typeof COMPARED)[number]

/**
 * How far a figure measured again may lie from the one stated. The calibration error may by as much as a share of so many cells scatters by chance:
 * cells at the edge of a bin change sides with the least difference in how a JPEG is decoded (by .012 for 795 cells, where both accuracies moved by .003).
 */
export function allowedDifference({ tolerance, n }: Pick<MeasuredSet, 'tolerance' | 'n'>, figure: Compared): number {
  return figure === 'calibrationError' ? Math.max(tolerance, 0.5 / Math.sqrt(n)) : tolerance
}
