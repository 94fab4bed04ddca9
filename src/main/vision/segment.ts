import type { RgbImage } from '../../shared/image.ts'
import { type Fragments, splitMask } from './fragments.ts'
import { type Grid, MARGIN } from './grid.ts'
import type { Group } from './group.ts'
import { fillHoles } from './holes.ts'
import { bodiesOf, homesOf } from './homes.ts'
import { addPaleNuclei, masksOf } from './masks.ts'
import { type Measured, mergeFragments } from './merge.ts'
import { judgeOneCell, type OneCellJudge } from './one-cell.ts'
import { openMask } from './open-mask.ts'
import { reduceImage } from './reduce.ts'
import { addRun, noMoments } from './shape.ts'
import { type StainMaps, stainMaps } from './stain.ts'
import { growTerritories, type Territories } from './territory.ts'
import { type NuclearThresholds, nuclearMap, nuclearThresholds, redCellSlope } from './threshold.ts'
import { estimateWhite, type White } from './white.ts'

/** Detection works near this scale whatever the image's: nuclei of 4 um are 11 pixels across, fields stay small. */
const WORKING_PIXEL_UM = 0.36

/** What segmentation found and how, on the working grid. Masks are 0 or 1. */
export interface Segmentation {
  readonly maps: StainMaps
  /** The light that the maps are relative to. */
  readonly white: White
  readonly nuclearness: Int16Array
  /** Pixels of the image along one side of a working pixel. */
  readonly factor: number
  /** Micrometres along one side of a working pixel. */
  readonly workingUm: number
  readonly nuclear: NuclearThresholds
  /** Pieces of nuclei. */
  readonly fragments: Fragments
  /** The cell mask, shared out among the pieces of nuclei. */
  readonly territories: Territories
  /** One for each nucleus. */
  readonly groups: readonly Group[]
}

/**
 * Stain maps, masks of nuclei and of whole cells, both split at their waists; then the pieces of nuclei that lie in one cell
 * are put together.
 */
export function segmentCells(image: RgbImage, pixelSizeUm: number, judge: OneCellJudge = judgeOneCell): Segmentation {
  const factor = Math.max(1, Math.round(WORKING_PIXEL_UM / pixelSizeUm))
  const workingUm = pixelSizeUm * factor
  const reduced = reduceImage(image, factor)
  const white = estimateWhite(reduced)
  const maps = stainMaps(reduced, white)
  const { grid } = maps
  const slope = redCellSlope(maps)
  const nuclearness = nuclearMap(maps, slope)
  const nuclear = nuclearThresholds(nuclearness)
  const masks = masksOf(maps, nuclearness, nuclear, slope)
  fillHoles(masks.cells, grid, 12 / workingUm ** 2)
  openMask(masks.cells, masks.nuclei, grid)
  const bodies = splitMask(masks.cells, grid, 0.5 / workingUm)
  addPaleNuclei(masks.nuclei, maps, nuclearness, nuclear, slope, bodies, workingUm)
  fillHoles(masks.nuclei, grid, 5 / workingUm ** 2)
  const fragments = splitMask(masks.nuclei, grid, 0.3 / workingUm)
  const bodyOf = bodiesOf(fragments, bodies)
  const homes = homesOf(bodies, bodyOf)
  const territories = growTerritories(fragments, bodyOf, bodies.labels, homes, grid, Math.round(6 / workingUm))
  const groups = mergeFragments(fragments, territories, bodyOf, measure(fragments, territories, grid), workingUm, judge)
  return { maps, white, nuclearness, factor, workingUm, nuclear, fragments, territories, groups }
}

function measure(fragments: Fragments, territories: Territories, grid: Grid): Measured {
  const nuclei = fragments.list.map(noMoments)
  const bodies = fragments.list.map(noMoments)
  const cut = new Uint8Array(fragments.list.length)
  const { widthPx, heightPx, stride } = grid
  for (let y = 0; y < heightPx; y++) {
    const row = (y + MARGIN) * stride + MARGIN
    for (let x = 0; x < widthPx; ) {
      const body = territories.labels[row + x]
      const nucleus = fragments.labels[row + x]
      const start = x++
      if (body === 0) continue
      while (x < widthPx && territories.labels[row + x] === body && fragments.labels[row + x] === nucleus) x++
      addRun(bodies[body - 1], start, y, x - start)
      if (nucleus !== 0) addRun(nuclei[body - 1], start, y, x - start)
      if (start === 0 || y === 0 || x === widthPx || y === heightPx - 1) cut[body - 1] = 1
    }
  }
  return { nuclei, territories: bodies, cut }
}
