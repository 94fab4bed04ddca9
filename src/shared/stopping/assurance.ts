import betaQuantile from '@stdlib/stats-base-dists-beta-quantile'

/** A share measured on images: `hits` of `of`. */
export interface Measured {
  readonly hits: number
  readonly of: number
}

/** The assurance as a whole may be wrong so often. */
export const ASSURANCE_ALPHA = 0.05
/** Part of it for a recall lower than its lower limit; the rest is for the luck of the cells. About the split that needs fewest cells. */
const RECALL_ALPHA = 0.005

/** Exact (Clopper-Pearson) lower limit of a recall, one-sided 99.5 %. 0 where nothing was hit. */
export function lowerRecall({ hits, of }: Measured): number {
  return hits === 0 ? 0 : betaQuantile(RECALL_ALPHA, hits, of - hits + 1)
}

/**
 * How rare a class must be where none was found among `cells` counted ones: the share, 0-1, from which on finding none has a probability of at
 * most 5 %. 1: nothing is known.
 *
 * Looking after each cell costs nothing: the bound at n is wrong only if none was found among as many cells as the true share needs for it, which is
 * one event of probability 5 % whatever else was looked at. That holds for as long as none is found.
 *
 * @param recall known (0-1), or as measured: then its lower limit is taken and its chance of being wrong is part of the 5 %.
 */
export function atMost(cells: number, recall: number | Measured): number {
  const { least, alpha } = counting(recall)
  if (cells === 0 || least === 0) return 1
  return Math.min(1, -Math.expm1(Math.log(alpha) / cells) / least)
}

/** Counted cells among which none has to be found to say that the share is at most `share` (0-1). Infinity: no number is enough. */
export function cellsToAssure(share: number, recall: number | Measured): number {
  const { least, alpha } = counting(recall)
  if (least === 0 || share <= 0) return Number.POSITIVE_INFINITY
  if (share * least >= 1) return 1
  return Math.ceil(Math.log(alpha) / Math.log1p(-share * least))
}

function counting(recall: number | Measured): { readonly least: number; readonly alpha: number } {
  return typeof recall === 'number'
    ? { least: recall, alpha: ASSURANCE_ALPHA }
    : { least: lowerRecall(recall), alpha: ASSURANCE_ALPHA - RECALL_ALPHA }
}
