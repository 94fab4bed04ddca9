import type { RgbImage } from '../../shared/image.ts'
import { type Fragments, splitMask } from './fragments.ts'
import { type Grid, MARGIN, neighbours } from './grid.ts'
import { fillHoles } from './holes.ts'
import { type Masks, masksOf } from './masks.ts'
import { reduceImage } from './reduce.ts'
import { addRun, type Moments, noMoments, shapeOf } from './shape.ts'
import { type StainMaps, stainMaps } from './stain.ts'
import { nuclearMap, nuclearThresholds, redCellSlope } from './threshold.ts'
import { estimateWhite } from './white.ts'

/** What an image shows where its red cells are taken to be about so many pixels across. Lengths in pixels of the image. */
export interface RedCellView {
  /** Longer axis, between the edges of half density, of each whole round disc without a nucleus, whatever its size. */
  readonly diametersPx: readonly number[]
  /** Area of the discs that are about as large as they were taken to be. */
  readonly agreeingPx2: number
  /** Area of all these discs, whatever their size: what lies singly. */
  readonly singlePx2: number
  /** Area of everything that is stained and has no nucleus. */
  readonly stainedPx2: number
}

/** A red cell is so many pixels across when it is looked at: enough to be measured within 2 %, few enough to be quick. */
const WORKING_DIAMETER = 24
/** Only the middle of an image is looked at, so many red cells wide. */
export const WINDOW_DIAMETERS = 30
/** A field has to be so many red cells wide for one to lie in it uncut. */
const LEAST_WIDTH = 1.5

/**
 * Measures the discs in an image, with everything that depends on size (how large a hole is a disc's own pale middle, how deep a
 * waist parts two discs) set for discs of `diameterPx`.
 */
export function viewRedCells(image: RgbImage, diameterPx: number): RedCellView {
  if (Math.min(image.widthPx, image.heightPx) < LEAST_WIDTH * diameterPx)
    return { diametersPx: [], agreeingPx2: 0, singlePx2: 0, stainedPx2: 0 }
  const factor = Math.max(1, Math.round(diameterPx / WORKING_DIAMETER))
  const reduced = reduceImage(middleOf(image, Math.ceil(WINDOW_DIAMETERS * diameterPx)), factor)
  const maps = stainMaps(reduced, estimateWhite(reduced))
  const slope = redCellSlope(maps)
  const nuclearness = nuclearMap(maps, slope)
  const masks = masksOf(maps, nuclearness, nuclearThresholds(nuclearness), slope)
  const stained = stainedMask(maps, masks)
  const width = diameterPx / factor
  fillHoles(stained, maps.grid, LARGEST_PALLOR * (Math.PI / 4) * width ** 2)
  const split = splitMask(stained, maps.grid, WAIST * width)
  const diametersPx: number[] = []
  let [agreeing, single, all] = [0, 0, 0]
  for (const [k, piece] of measure(split, masks.nuclei, maps.grid).entries()) {
    if (piece.nucleus > NUCLEATED * piece.sums.area) continue
    all += piece.sums.area
    const axis = isDisc(piece, split.list[k].radius) ? shapeOf(piece.sums).majorAxis : null
    if (axis === null) continue
    diametersPx.push(axis * factor)
    single += piece.sums.area
    if (Math.abs(Math.log(axis / width)) < AGREES) agreeing += piece.sums.area
  }
  const px2 = factor ** 2
  return { diametersPx, agreeingPx2: agreeing * px2, singlePx2: single * px2, stainedPx2: all * px2 }
}

/** Of a disc's area: no red cell's pale middle is larger. */
const LARGEST_PALLOR = 0.3
/** Of a disc's width: how much narrower a neck is than what it joins for these to be two. */
const WAIST = 0.06
/** A piece with more nucleus than this is a nucleated cell. */
const NUCLEATED = 0.1
/** Logarithm of the ratio of sizes up to which two agree. */
const AGREES = 0.18

/** A piece of what is stained. Areas and lengths in working pixels. */
interface Piece {
  readonly sums: Moments
  /** Area of nucleus in it. */
  nucleus: number
  border: number
  /** Of the border, what it shares with other pieces. */
  shared: number
  /** Whether the image's edge cuts it. */
  cut: boolean
}

const LEAST_AREA = 20
const LONGEST_OVAL = 1.3
/** Of the ellipse with the same moments. */
const LEAST_FILL = 0.94
/** Area over that of the largest disc inside. */
const LARGEST_EXCESS = 1.5
/** What shares more of its border with a neighbour lies under or over it. */
const MOST_SHARED = 0.25

/** @param radius of the largest disc inside */
function isDisc({ sums, border, shared, cut }: Piece, radius: number): boolean {
  if (cut || sums.area < LEAST_AREA || shared > MOST_SHARED * border) return false
  if (sums.area > LARGEST_EXCESS * Math.PI * radius ** 2) return false
  const { majorAxis, minorAxis, fill } = shapeOf(sums)
  return majorAxis <= LONGEST_OVAL * minorAxis && fill >= LEAST_FILL
}

function measure({ labels, list }: Fragments, nuclei: Uint8Array, grid: Grid): Piece[] {
  const pieces = list.map((): Piece => ({ sums: noMoments(), nucleus: 0, border: 0, shared: 0, cut: false }))
  const sides = neighbours(grid).subarray(0, 4)
  const { widthPx, heightPx, stride } = grid
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0, i = (y + MARGIN) * stride + MARGIN; x < widthPx; x++, i++) {
      const label = labels[i]
      if (label === 0) continue
      const piece = pieces[label - 1]
      addRun(piece.sums, x, y, 1)
      piece.nucleus += nuclei[i]
      if (x === 0 || y === 0 || x === widthPx - 1 || y === heightPx - 1) piece.cut = true
      for (const side of sides) {
        const other = labels[i + side]
        if (other === label) continue
        piece.border++
        if (other !== 0) piece.shared++
      }
    }
  }
  return pieces
}

/** Half as dense as the middle of what is no nucleated cell: there lies the edge of a red cell, however blurred it is. */
function stainedMask({ grid, absorbance }: StainMaps, { cells }: Masks): Uint8Array {
  const counts = new Uint32Array(DENSEST)
  let total = 0
  for (let i = 0; i < absorbance.length; i++) {
    if (cells[i] !== 0 || absorbance[i] < FAINTEST) continue
    counts[Math.min(DENSEST - 1, absorbance[i])]++
    total++
  }
  let median = 0
  for (let seen = 0; seen * 2 < total; median++) seen += counts[median]
  const least = Math.max(FAINTEST, median / 2)
  const mask = new Uint8Array(grid.size)
  for (let i = 0; i < mask.length; i++) if (absorbance[i] > least) mask[i] = 1
  return mask
}

/** Thousandths of optical density: below it lies what glass scatters. */
const FAINTEST = 90
const DENSEST = 2048

function middleOf(image: RgbImage, side: number): RgbImage {
  const { data, widthPx, heightPx } = image
  if (widthPx <= side && heightPx <= side) return image
  const [width, height] = [Math.min(side, widthPx), Math.min(side, heightPx)]
  const [left, top] = [(widthPx - width) >> 1, (heightPx - height) >> 1]
  const out = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * widthPx + left) * 3
    out.set(data.subarray(from, from + width * 3), y * width * 3)
  }
  return { data: out, widthPx: width, heightPx: height }
}
