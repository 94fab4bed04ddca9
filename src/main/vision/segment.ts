import type { RgbImage } from '../../shared/image.ts'
import { type Fragments, splitMask } from './fragments.ts'
import { type Grid, MARGIN } from './grid.ts'
import { fillHoles } from './holes.ts'
import { type Group, type Measured, mergeFragments } from './merge.ts'
import { openMask } from './open-mask.ts'
import { reduceImage } from './reduce.ts'
import { addPixel, noMoments } from './shape.ts'
import { estimateWhitePoint, type StainMaps, stainMaps } from './stain.ts'
import { growTerritories, type Territories } from './territory.ts'
import {
  type CellularThreshold,
  cellularThreshold,
  type NuclearThresholds,
  nuclearMap,
  nuclearThresholds,
} from './threshold.ts'

/** Detection works near this scale whatever the image's: nuclei of 4 um are 11 pixels across, fields stay small. */
const WORKING_PIXEL_UM = 0.36

/** What segmentation found and how, on the working grid. Masks are 0 or 1. */
export interface Segmentation {
  readonly maps: StainMaps
  readonly nuclearness: Int16Array
  /** Pixels of the image along one side of a working pixel. */
  readonly factor: number
  /** Micrometres along one side of a working pixel. */
  readonly workingUm: number
  readonly nuclear: NuclearThresholds
  readonly cellular: CellularThreshold
  readonly cellMask: Uint8Array
  /** Pieces of nuclei. */
  readonly fragments: Fragments
  /** The cell mask, split at its waists. */
  readonly bodies: Fragments
  /** The cell mask, shared out among the pieces of nuclei. */
  readonly territories: Territories
  /** One for each nucleus. */
  readonly groups: readonly Group[]
}

/**
 * Stain maps, masks of nuclei and of whole cells, both split at their waists; then the pieces of nuclei that lie in one cell
 * are put together.
 */
export function segmentCells(image: RgbImage, pixelSizeUm: number): Segmentation {
  const factor = Math.max(1, Math.round(WORKING_PIXEL_UM / pixelSizeUm))
  const workingUm = pixelSizeUm * factor
  const reduced = reduceImage(image, factor)
  const maps = stainMaps(reduced, estimateWhitePoint(reduced))
  const { grid } = maps
  const cellular = cellularThreshold(maps)
  const nuclearness = nuclearMap(maps, cellular)
  const nuclear = nuclearThresholds(nuclearness)
  const { nuclearMask, cellMask } = masksOf(maps, nuclearness, nuclear, cellular)
  fillHoles(cellMask, grid, 12 / workingUm ** 2)
  openMask(cellMask, nuclearMask, grid)
  const bodies = splitMask(cellMask, grid, 0.5 / workingUm)
  addPaleNuclei(nuclearMask, maps, nuclearness, nuclear.possible, cellular.slope, bodies, workingUm)
  fillHoles(nuclearMask, grid, 5 / workingUm ** 2)
  const fragments = splitMask(nuclearMask, grid, 0.3 / workingUm)
  const bodyOf = bodiesOf(fragments, bodies)
  dropSatellites(cellMask, bodies, bodyOf)
  const territories = growTerritories(fragments, cellMask, grid, Math.round(6 / workingUm))
  const measured = measure(fragments, territories, grid)
  const groups = mergeFragments(fragments, territories, bodyOf, measured, workingUm)
  return { maps, nuclearness, factor, workingUm, nuclear, cellular, cellMask, fragments, bodies, territories, groups }
}

function masksOf(
  { grid, cellular, absorbance }: StainMaps,
  nuclear: Int16Array,
  nuclearThreshold: NuclearThresholds,
  cellularThreshold: CellularThreshold,
): { nuclearMask: Uint8Array; cellMask: Uint8Array } {
  const { sure, possible } = nuclearThreshold
  const { slope, offset } = cellularThreshold
  const nuclearMask = new Uint8Array(grid.size)
  const cellMask = new Uint8Array(grid.size)
  const first = MARGIN * grid.stride + MARGIN
  for (let row = first; row < first + grid.heightPx * grid.stride; row += grid.stride) {
    for (let i = row; i < row + grid.widthPx; i++) {
      const density = absorbance[i]
      if (nuclear[i] > sure && nuclear[i] > 0.4 * density) nuclearMask[i] = 1
      if (cellular[i] > slope * density + offset || nuclear[i] > possible) cellMask[i] = 1
    }
  }
  return { nuclearMask, cellMask }
}

/**
 * Takes the possible nucleus of bodies without a sure one into the mask, where it is as large as a cell: smudges, and pale
 * blasts among dark cells.
 */
function addPaleNuclei(
  nuclearMask: Uint8Array,
  { cellular, absorbance }: StainMaps,
  nuclear: Int16Array,
  possible: number,
  slope: number,
  bodies: Fragments,
  workingUm: number,
): void {
  const sure = new Int32Array(bodies.list.length + 1)
  const pale = new Int32Array(bodies.list.length + 1)
  // Bluish red cells reach the density of a pale nucleus, not its hue.
  const isPale = (i: number): boolean => nuclear[i] > possible && cellular[i] > (slope + 0.1) * absorbance[i]
  for (let i = 0; i < nuclearMask.length; i++) {
    if (bodies.labels[i] === 0) continue
    sure[bodies.labels[i]] += nuclearMask[i]
    if (isPale(i)) pale[bodies.labels[i]]++
  }
  const least = PALE_NUCLEUS_UM2 / workingUm ** 2
  const taken = pale.map((count, k) => (count > least && sure[k] < 0.2 * count ? 1 : 0))
  for (let i = 0; i < nuclearMask.length; i++) if (taken[bodies.labels[i]] === 1 && isPale(i)) nuclearMask[i] = 1
}

const PALE_NUCLEUS_UM2 = 35

/** For each fragment the body most of its pixels lie in. */
function bodiesOf(fragments: Fragments, bodies: Fragments): Int32Array {
  const votes = new Map<number, number>()
  const bodyOf = new Int32Array(fragments.list.length).fill(-1)
  const most = new Int32Array(fragments.list.length)
  for (let i = 0; i < fragments.labels.length; i++) {
    const fragment = fragments.labels[i] - 1
    if (fragment < 0) continue
    const body = bodies.labels[i]
    const key = body * fragments.list.length + fragment
    const count = (votes.get(key) ?? 0) + 1
    votes.set(key, count)
    if (count > most[fragment]) {
      most[fragment] = count
      bodyOf[fragment] = body
    }
  }
  return bodyOf
}

/**
 * Takes platelets, red cells and fibres that cling to a cell out of the mask: bodies without a nucleus, but for those that
 * hang on by most of their width, which are bulges of the cell.
 */
function dropSatellites(cellMask: Uint8Array, bodies: Fragments, bodyOf: Int32Array): void {
  const kept = new Uint8Array(bodies.list.length + 1)
  for (const body of bodyOf) kept[body] = 1
  for (const { a, b, radius } of bodies.necks) {
    if (kept[a + 1] === 1 && kept[b + 1] === 0 && radius > BULGE * bodies.list[b].radius) kept[b + 1] = 2
    if (kept[b + 1] === 1 && kept[a + 1] === 0 && radius > BULGE * bodies.list[a].radius) kept[a + 1] = 2
  }
  for (let i = 0; i < cellMask.length; i++) if (kept[bodies.labels[i]] === 0) cellMask[i] = 0
}

/** Half the neck over the radius of the largest disc, from which on a body is a bulge of its neighbour. */
const BULGE = 0.75

function measure(fragments: Fragments, territories: Territories, grid: Grid): Measured {
  const nuclei = fragments.list.map(noMoments)
  const bodies = fragments.list.map(noMoments)
  const cut = new Uint8Array(fragments.list.length)
  for (let y = 0; y < grid.heightPx; y++) {
    for (let x = 0, i = (y + MARGIN) * grid.stride + MARGIN; x < grid.widthPx; x++, i++) {
      const body = territories.labels[i] - 1
      if (body < 0) continue
      addPixel(bodies[body], x, y)
      if (fragments.labels[i] !== 0) addPixel(nuclei[body], x, y)
      if (x === 0 || y === 0 || x === grid.widthPx - 1 || y === grid.heightPx - 1) cut[body] = 1
    }
  }
  return { nuclei, territories: bodies, cut }
}
