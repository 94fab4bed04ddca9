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

/** Where nuclei end on the `nuclearMap`. */
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
 * How far a pixel is from glass and from the image's red cells towards a nucleus, thousandths of optical density: its azure,
 * and what its green absorbs beyond a red cell as thick. Azure alone fails where the stain runs to purple.
 */
export function nuclearMap({ azure, cellular, absorbance }: StainMaps, slope: number): Int16Array {
  const map = new Int16Array(azure.length)
  for (let i = 0; i < map.length; i++) map[i] = azure[i] + cellular[i] - slope * absorbance[i]
  return map
}

/**
 * The ratio of `cellular` to `absorbance` above which no red cell lies: the thicker one is, the higher all its densities, but not
 * their ratio. Red cells are the commonest thing that is not glass and differ least from it in hue: the lowest peak of the ratio.
 * Where they end above is told by how they scatter below, where nothing else lies.
 */
export function redCellSlope({ cellular, absorbance }: StainMaps): number {
  const counts = new Uint32Array(RATIO_BINS)
  for (let i = 0; i < cellular.length; i++) {
    if (absorbance[i] < RED_CELL_DENSITY) continue
    const percent = Math.floor((cellular[i] * 100) / absorbance[i]) - LOWEST_RATIO
    counts[Math.max(0, Math.min(RATIO_BINS - 1, percent))]++
  }
  let peak = 0
  let highest = 0
  for (let bin = 3; bin < REDDEST - LOWEST_RATIO; bin++) {
    let around = 0
    for (let near = bin - 3; near <= bin + 3; near++) around += counts[near]
    if (around > highest) {
      highest = around
      peak = bin
    }
  }
  const below = counts.subarray(0, peak)
  const total = below.reduce((sum, count) => sum + count, 0)
  const spread = total === 0 ? 0 : peak - quantile(below, total, 0.5)
  const slope = (peak + LOWEST_RATIO + SPREADS * spread) / 100
  return Math.min(0.4, Math.max(0.2, slope))
}

const LOWEST_RATIO = -50
const RATIO_BINS = 150
/** Per cent; no red cell of any laboratory seen has a higher ratio. */
const REDDEST = 40
const SPREADS = 2
/** Thinner than a red cell's body: rims and noise. */
const RED_CELL_DENSITY = 250
