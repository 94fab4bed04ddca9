/** Upper end of the axis, percent; what lies beyond is drawn at the edge with an arrow. */
export const AXIS_MOST_PERCENT = 60
export const AXIS_TICKS = [0, 1, 5, 20, 40] as const

/**
 * Where a percentage lies on the axis, 0-1. The axis goes by the square root, so that 1 and 2 % stand apart beside 40 %: low counts are what
 * the eye has to tell apart.
 */
export const axisShare = (percent: number): number =>
  Math.sqrt(Math.min(AXIS_MOST_PERCENT, Math.max(0, percent)) / AXIS_MOST_PERCENT)

/** Upper end of the M:E axis, a ratio; by the square root too. */
export const ME_AXIS_MOST = 10
export const meAxisShare = (ratio: number): number =>
  Math.sqrt(Math.min(ME_AXIS_MOST, Math.max(0, ratio)) / ME_AXIS_MOST)

/** How the estimate's interval lies to a reference range, in words: a statement on numbers, not on the patient. */
export function againstReference(
  low: number | null,
  high: number | null,
  reference: { readonly low: number; readonly high: number } | null,
): string | null {
  if (low === null || reference === null) return null
  if (low > reference.high) return 'interval above the reference range'
  if (high !== null && high < reference.low) return 'interval below the reference range'
  if (low >= reference.low && high !== null && high <= reference.high) return 'interval within the reference range'
  return 'interval overlaps the edge of the reference range'
}
