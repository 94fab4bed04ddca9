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

function quantile(counts: Uint32Array, total: number, share: number): number {
  let seen = 0
  for (let bin = 0; bin < BINS; bin++) {
    seen += counts[bin]
    if (seen >= share * total) return LOWEST + bin * BIN
  }
  return LOWEST + BINS * BIN
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
  const middle = quantile(counts, nuclear.length, 0.5)
  const spread = middle - quantile(counts, nuclear.length, 0.16)
  const floor = Math.min(300, Math.max(150, middle + 4 * spread))
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
    const next = Math.max(floor, 0.45 * (sum / count) + 0.55 * Math.min(middle, 100))
    if (Math.abs(next - threshold) < 1) break
    threshold = next
  }
  return { sure: threshold, possible: Math.max(floor, 0.6 * threshold) }
}

/**
 * Where cells that hold a nucleus end: thousandths of optical density of `StainMaps.cellular`, just above the red cells.
 * `background` is 0 where a pixel may be nucleus and must not be asked.
 */
export function cellularThreshold(cellular: Int16Array, nuclear: Int16Array, possible: number): number {
  const counts = new Uint32Array(BINS)
  let total = 0
  for (let i = 0; i < cellular.length; i++) {
    if (nuclear[i] >= possible * 0.5) continue
    const bin = ((cellular[i] - LOWEST) / BIN) | 0
    counts[bin < 0 ? 0 : bin >= BINS ? BINS - 1 : bin]++
    total++
  }
  if (total === 0) return 150
  const middle = quantile(counts, total, 0.5)
  const spread = quantile(counts, total, 0.84) - middle
  return Math.min(250, Math.max(100, middle + 2.5 * spread))
}
