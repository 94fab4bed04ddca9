import type { StainMaps } from './stain.ts'

const BIN = 10
const LOWEST = -1000
const BINS = 512

/** Counts in steps of 10 thousandths from -1,000; outliers lie in the first and last bin. */
function histogramOf(map: Int16Array): Uint32Array {
  const counts = new Uint32Array(BINS)
  for (let i = 0; i < map.length; i++) {
    const bin = ((map[i] - LOWEST) / BIN) | 0
    counts[bin < 0 ? 0 : bin >= BINS ? BINS - 1 : bin]++
  }
  return counts
}

/** The bin below which so large a share of the counts lies. */
function quantile(counts: Uint32Array, total: number, share: number): number {
  let seen = 0
  for (let bin = 0; bin < counts.length; bin++) {
    seen += counts[bin]
    if (seen >= share * total) return bin
  }
  return counts.length
}

/** Where nuclei end: thousandths of optical density of `StainMaps.nuclear`. */
export interface NuclearThresholds {
  /** Surely nucleus in this image. */
  readonly sure: number
  /** What a pale nucleus (a blast, a smudge) still reaches; below lies everything without azure. */
  readonly possible: number
}

/**
 * Two-class clustering (Ridler and Calvard 1978) of the nuclear map, with a floor where glass and red cells end, so that an
 * image without any nucleus yields none.
 */
export function nuclearThresholds(nuclear: Int16Array): NuclearThresholds {
  const counts = histogramOf(nuclear)
  const middle = LOWEST + BIN * quantile(counts, nuclear.length, 0.5)
  const floor = 150
  let threshold = floor * 1.2
  for (let round = 0; round < 12; round++) {
    const bin = Math.ceil((threshold - LOWEST) / BIN)
    let count = 0
    let sum = 0
    for (let i = bin; i < BINS; i++) {
      count += counts[i]
      sum += counts[i] * (LOWEST + (i + 0.5) * BIN)
    }
    if (count === 0) break
    const next = Math.max(floor, 0.5 * (sum / count) + 0.5 * Math.min(middle, 100))
    if (Math.abs(next - threshold) < 1) break
    threshold = next
  }
  return { sure: threshold, possible: Math.max(floor, 0.6 * threshold) }
}

/**
 * Where cells that hold a nucleus end: a pixel is inside where `cellular > slope * absorbance + offset` (thousandths of
 * optical density). The thicker a red cell, the higher all its densities, but not their ratio.
 */
export interface CellularThreshold {
  readonly slope: number
  readonly offset: number
}

/** Two-class clustering of the ratio, over all that is not glass: red cells below, cells with a nucleus above. */
export function cellularThreshold({ cellular, absorbance }: StainMaps): CellularThreshold {
  const counts = new Uint32Array(100)
  for (let i = 0; i < cellular.length; i++) {
    if (absorbance[i] < 150) continue
    const percent = ((cellular[i] * 100) / absorbance[i]) | 0
    counts[Math.max(0, Math.min(99, percent))]++
  }
  let threshold = 30
  for (let round = 0; round < 12; round++) {
    const low = meanOf(counts, 0, threshold) ?? 20
    const high = meanOf(counts, threshold, 100) ?? 50
    const next = Math.round(0.6 * low + 0.4 * high)
    if (next === threshold) break
    threshold = next
  }
  return { slope: Math.min(0.4, Math.max(0.2, threshold / 100)), offset: 40 }
}

function meanOf(counts: Uint32Array, from: number, to: number): number | null {
  let count = 0
  let sum = 0
  for (let bin = from; bin < to; bin++) {
    count += counts[bin]
    sum += counts[bin] * (bin + 0.5)
  }
  return count === 0 ? null : sum / count
}
