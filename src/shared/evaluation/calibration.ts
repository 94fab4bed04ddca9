/** Cells whose probability lies in [from, to), the last bin's end included. */
export interface CalibrationBin {
  readonly from: number
  readonly to: number
  readonly n: number
  /** Mean probability, and share of the cells that are named rightly; null: no cell. */
  readonly probability: number | null
  readonly right: number | null
}

export interface Calibration {
  /** Expected calibration error (Guo et al. 2017, arXiv 1706.04599); null: no cell. */
  readonly error: number | null
  readonly method: string
  readonly bins: readonly CalibrationBin[]
}

/** As many as the model's own figures are made with (training/measure.py). */
const BINS = 10
const METHOD = `expected calibration error: over ${BINS} equal bins of the most probable class's probability, the mean distance between probability and share named rightly, weighted by cells`

export function calibrationOf(
  cells: readonly { readonly probability: number; readonly right: boolean }[],
): Calibration {
  const sums = Array.from({ length: BINS }, () => ({ n: 0, right: 0, probability: 0 }))
  for (const { probability, right } of cells) {
    const bin = sums[Math.min(BINS - 1, Math.floor(probability * BINS))]
    bin.n++
    bin.probability += probability
    if (right) bin.right++
  }
  const gap = sums.reduce((total, bin) => total + Math.abs(bin.right - bin.probability), 0)
  return {
    error: cells.length === 0 ? null : gap / cells.length,
    method: METHOD,
    bins: sums.map(({ n, right, probability }, i) => ({
      from: i / BINS,
      to: (i + 1) / BINS,
      n,
      probability: n === 0 ? null : probability / n,
      right: n === 0 ? null : right / n,
    })),
  }
}
