import type { ClassCode } from '../../shared/taxonomy.ts'
import type { Classifier } from './classifier.ts'

/** Spots along each side of the crop. */
export const OCCLUSION_GRID = 8
/** A spot covers wholly up to this share of the crop's side from its centre, and fades out up to the other. */
const COVERED = 0.06
const FADED = 0.13
/** Width of a spot where it covers by half, as a share of the crop's side. */
export const SPOT_SHARE = COVERED + FADED
/** Crops handed over together, and how often at a time: between these a scan gets its turn, and a person may have moved on. */
const CROPS_A_TURN = 4
const TURNS_AT_ONCE = 2

export type Rgb = readonly [red: number, green: number, blue: number]

export interface OcclusionMap {
  readonly class: ClassCode
  /** Of the whole crop, 0-1. */
  readonly probability: number
  /**
   * OCCLUSION_GRID x OCCLUSION_GRID, row by row from the top: the probability lost when the spot there is covered. Below 0: the model
   * grows surer without it.
   */
  readonly weights: readonly number[]
}

export interface Occlusion {
  /** What the spots were covered with. */
  readonly background: Rgb
  /** Of the most probable class and of the next, in that order. */
  readonly maps: readonly OcclusionMap[]
}

/**
 * Why a model names a crop as it does, without knowing how it works inside: one soft round spot after another is covered with the
 * background, and what that does to the probabilities is the map. Zeiler and Fergus 2014, ECCV, doi 10.1007/978-3-319-10590-1_53,
 * section 4.2, with spots instead of squares, whose edges and corners a model would see.
 *
 * @param crop inputPx x inputPx x 3, RGB, 8 bit.
 * Rejects with the signal's reason once it is aborted.
 */
export async function explainByOcclusion(
  classifier: Classifier,
  crop: Uint8Array,
  signal?: AbortSignal,
): Promise<Occlusion> {
  const { sizePx } = classifier.manifest.input
  const background = backgroundOf(crop)
  const width = classifier.classes.length
  const spots = OCCLUSION_GRID * OCCLUSION_GRID
  const rows = new Float32Array((1 + spots) * width)
  // Row 0 is the crop as it is.
  const turn = async (start: number): Promise<void> => {
    const n = Math.min(CROPS_A_TURN, spots + 1 - start)
    if (n <= 0) return
    const crops = new Uint8Array(n * crop.length)
    for (let i = 0; i < n; i++) {
      crops.set(crop, i * crop.length)
      const spot = start + i - 1
      if (spot >= 0) coverSpot(crops.subarray(i * crop.length, (i + 1) * crop.length), sizePx, spot, background)
    }
    const { probabilities } = await classifier.classify(crops, n)
    rows.set(probabilities, start * width)
  }
  const step = CROPS_A_TURN * TURNS_AT_ONCE
  for (let start = 0; start <= spots; start += step) {
    signal?.throwIfAborted()
    await Promise.all(Array.from({ length: TURNS_AT_ONCE }, (_, i) => turn(start + i * CROPS_A_TURN)))
  }
  signal?.throwIfAborted()
  const order = [...classifier.classes.keys()].sort((a, b) => rows[b] - rows[a] || a - b)
  const maps = order.slice(0, 2).map((place) => ({
    class: classifier.classes[place],
    probability: rows[place],
    weights: Array.from({ length: spots }, (_, spot) => rows[place] - rows[(spot + 1) * width + place]),
  }))
  return { background, maps }
}

/** Mean colour of the brightest tenth of the pixels, by green, where every stain absorbs: what lies between the cells. */
export function backgroundOf(crop: Uint8Array): Rgb {
  const pixels = crop.length / 3
  const histogram = new Uint32Array(256)
  for (let i = 1; i < crop.length; i += 3) histogram[crop[i]]++
  let from = 255
  for (let seen = histogram[255]; from > 0 && seen * 10 < pixels; ) seen += histogram[--from]
  const sums = [0, 0, 0]
  let count = 0
  for (let i = 0; i < crop.length; i += 3) {
    if (crop[i + 1] < from) continue
    count++
    for (let channel = 0; channel < 3; channel++) sums[channel] += crop[i + channel]
  }
  const [red, green, blue] = sums.map((sum) => Math.round(sum / count))
  return [red, green, blue]
}

/** Covers one spot of the grid, in place. */
function coverSpot(crop: Uint8Array, sizePx: number, spot: number, background: Rgb): void {
  const step = sizePx / OCCLUSION_GRID
  const centreX = ((spot % OCCLUSION_GRID) + 0.5) * step
  const centreY = (Math.floor(spot / OCCLUSION_GRID) + 0.5) * step
  const reach = FADED * sizePx
  const top = Math.max(0, Math.floor(centreY - reach))
  const bottom = Math.min(sizePx, Math.ceil(centreY + reach))
  const left = Math.max(0, Math.floor(centreX - reach))
  const right = Math.min(sizePx, Math.ceil(centreX + reach))
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const cover = coverAt(Math.hypot(x + 0.5 - centreX, y + 0.5 - centreY) / sizePx)
      if (cover === 0) continue
      const at = (y * sizePx + x) * 3
      for (let channel = 0; channel < 3; channel++) {
        crop[at + channel] = Math.round(crop[at + channel] + cover * (background[channel] - crop[at + channel]))
      }
    }
  }
}

/** 1 inside the spot, 0 outside, half a cosine between. */
function coverAt(distance: number): number {
  if (distance <= COVERED) return 1
  if (distance >= FADED) return 0
  return (1 + Math.cos((Math.PI * (distance - COVERED)) / (FADED - COVERED))) / 2
}
