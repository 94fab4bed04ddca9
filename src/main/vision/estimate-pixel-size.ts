import type { PixelSizeEstimate } from '../../shared/contract/pixel-size.ts'
import { MedullaError } from '../../shared/errors.ts'
import type { RgbImage } from '../../shared/image.ts'
import { COARSEST_UM, FINEST_UM } from './plausible.ts'
import type { RedCellView } from './red-cells.ts'

/**
 * Longer axis of a red cell on a dried smear between the edges of half density. As people mark them, at the outer end of the blurred
 * edge, they are 7.3 um across: the same edge lies a tenth of a micrometre further out on either side.
 */
const RED_CELL_UM = 7.1

/** Sizes that are tried are so far apart. */
const STEP = 1.26
/** Fields that are looked at in every size, and in all. */
const MOST_TRIED = 16
const MOST_IMAGES = 64
/** A size found in fewer fields than this may be one field's peculiarity. */
const LEAST_TRIED = 3
/** Discs that decide for a size, and that are enough to measure it. */
const DECIDING_DISCS = 40
const ENOUGH_DISCS = 200
/** With fewer discs nothing is said. */
const LEAST_DISCS = 12
/** Discs of one size cover at least so much of what is stained where they are red cells: chance leaves less than 1 %. */
const LEAST_SHARE = 0.015
/** And so many times what those of any other size cover. */
const CLEAR = 2
/** Logarithm of the ratio of sizes up to which a disc belongs to a size that was tried, then to the median of these. */
const NEAR = 0.4
const NEARER = 0.3

/** Upper over lower quartile: red cells of one patient are alike, things of every size are not. */
const MOST_SPREAD = 1.35

/** One way to get at an image, so that only one at a time is in memory. */
export type ImageSource = () => Promise<RgbImage>
export type RedCellLook = (image: RgbImage, diametersPx: readonly number[]) => Promise<readonly RedCellView[]>

/**
 * The pixel size of images that belong together, from the size of their red cells: the size which discs agree on that cover most of
 * what is stained. One number for all of them, from as many as it takes, spread evenly over the list.
 *
 * Rejects `pixel-size-unknown` where too few red cells lie free, or none is clearly the commonest size; and as `images` do.
 */
export async function estimatePixelSize(images: readonly ImageSource[], look: RedCellLook): Promise<PixelSizeEstimate> {
  const sizes: number[] = []
  for (let px = RED_CELL_UM / COARSEST_UM; px < (RED_CELL_UM / FINEST_UM) * STEP; px *= STEP) sizes.push(px)
  const views: RedCellView[][] = sizes.map(() => [])
  const order = spread(images.length)
  let best = 0
  let tried = 0
  while (tried < Math.min(MOST_TRIED, order.length)) {
    const seen = await look(await images[order[tried++]](), sizes)
    for (const [k, view] of seen.entries()) views[k].push(view)
    best = mostAgreed(views)
    if (tried >= LEAST_TRIED && discsNear(views[best], sizes[best], NEAR).length >= DECIDING_DISCS) break
  }
  requireClear(views, best, images.length)
  let discs = discsNear(views[best], sizes[best], NEAR)
  while (tried < Math.min(MOST_IMAGES, order.length) && discs.length < ENOUGH_DISCS) {
    views[best].push(...(await look(await images[order[tried++]](), [sizes[best]])))
    discs = discsNear(views[best], sizes[best], NEAR)
  }
  const measured = discsNear(views[best], median(discs), NEARER)
  if (measured.length < LEAST_DISCS || quantile(discs, 0.75) > MOST_SPREAD * quantile(discs, 0.25))
    throw unknown(images.length, measured.length)
  const [low, high] = limitsOfMedian(measured)
  const um = (px: number): number => Number((RED_CELL_UM / px).toPrecision(3))
  const pixelSizeUm = um(median(measured))
  if (pixelSizeUm < FINEST_UM || pixelSizeUm > COARSEST_UM) throw unknown(images.length, measured.length)
  return { pixelSizeUm, lowUm: um(high), highUm: um(low), redCells: measured.length, images: tried }
}

/** Indices 0 to count - 1 so that any first few of them are spread evenly (multiples of the golden ratio). */
function spread(count: number): number[] {
  const place = (i: number): number => (i * 0.6180339887) % 1
  return Array.from({ length: count }, (_, i) => i).sort((a, b) => place(a) - place(b))
}

const shareOf = (views: readonly RedCellView[]): number => {
  const stained = views.reduce((sum, view) => sum + view.stainedPx2, 0)
  return stained === 0 ? 0 : views.reduce((sum, view) => sum + view.agreeingPx2, 0) / stained
}

function mostAgreed(views: readonly RedCellView[][]): number {
  const shares = views.map(shareOf)
  return shares.indexOf(Math.max(...shares))
}

function requireClear(views: readonly RedCellView[][], best: number, images: number): void {
  const shares = views.map(shareOf)
  const others = shares.filter((_, k) => Math.abs(k - best) > 2)
  if (shares[best] >= LEAST_SHARE && shares[best] >= CLEAR * Math.max(...others)) return
  throw unknown(
    images,
    views[best].reduce((sum, view) => sum + view.diametersPx.length, 0),
  )
}

function discsNear(views: readonly RedCellView[], size: number, within: number): number[] {
  return views
    .flatMap((view) => view.diametersPx)
    .filter((px) => Math.abs(Math.log(px / size)) < within)
    .sort((a, b) => a - b)
}

const quantile = (sorted: readonly number[], share: number): number => sorted[Math.floor(sorted.length * share)]
const median = (sorted: readonly number[]): number => quantile(sorted, 0.5)

/** 95 % limits of a median by its order statistics (normal approximation of the binomial). */
function limitsOfMedian(sorted: readonly number[]): [low: number, high: number] {
  const away = (1.96 * Math.sqrt(sorted.length)) / 2
  const at = (rank: number): number => sorted[Math.max(0, Math.min(sorted.length - 1, Math.round(rank)))]
  return [at(sorted.length / 2 - away), at(sorted.length / 2 + away)]
}

function unknown(images: number, discs: number): MedullaError {
  return new MedullaError(
    'pixel-size-unknown',
    `The pixel size could not be estimated: too few red cells lie free and whole in ${images === 1 ? 'the image' : `these ${images} images`}, or they do not agree on a size.`,
    {
      remedy:
        'Give the size of one image pixel on the slide in micrometres (camera pixel size / magnification), or add fields from a thinner part of the smear.',
      values: { images, discs },
    },
  )
}
