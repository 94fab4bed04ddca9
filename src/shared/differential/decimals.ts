/**
 * Decimals a number is written with beside its interval: down to the digit in which half the interval's width begins, as measurements are
 * written (JCGM 100:2008, 7.2.6), one at least. So 0 of 500 is "0.0 (0.0-0.7)", 0 of 19,600 "0.000 (0.000-0.019)", and a quarter
 * of either "25.0". One where there is no interval or it is open.
 */
export function decimalsFor(low: number | null, high: number | null): number {
  if (low === null || high === null || high <= low) return 1
  return Math.max(1, -Math.floor(Math.log10((high - low) / 2)))
}
