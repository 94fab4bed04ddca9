import type { RgbImage } from '../../shared/image.ts'
import type { Detection } from './analysis.ts'
import { splitMask } from './fragments.ts'
import { MARGIN } from './grid.ts'
import { type Group, mergeFragments } from './merge.ts'
import { reduceImage } from './reduce.ts'
import { addPixel, type Moments, noMoments, shapeOf } from './shape.ts'
import { estimateWhitePoint, stainMaps } from './stain.ts'
import { growTerritories } from './territory.ts'
import { cellularThreshold, nuclearThresholds } from './threshold.ts'

/** Detection works near this scale whatever the image's: nuclei of 4 um are 11 pixels across, fields stay small. */
const WORKING_PIXEL_UM = 0.36

/**
 * Finds the nucleated cells in a Romanowsky-stained smear (marrow or blood). Red cells, platelets and stain debris are not
 * cells. Deterministic; nothing is set for a laboratory: the glass's colour and the stain's strength come from the image.
 *
 * @param pixelSizeUm micrometres a pixel, 0.02-0.5.
 * @returns top to bottom, then left to right; coordinates in pixels of `image`.
 */
export function detectCells(image: RgbImage, pixelSizeUm: number): Detection[] {
  const factor = Math.max(1, Math.round(WORKING_PIXEL_UM / pixelSizeUm))
  const workingUm = pixelSizeUm * factor
  const reduced = reduceImage(image, factor)
  const maps = stainMaps(reduced, estimateWhitePoint(reduced))
  const { grid } = maps
  const { sure, possible } = nuclearThresholds(maps.nuclear)
  const cellular = cellularThreshold(maps.cellular, maps.nuclear, possible)
  const nuclearMask = new Uint8Array(grid.size)
  const cellMask = new Uint8Array(grid.size)
  const first = MARGIN * grid.stride + MARGIN
  for (let y = 0; y < grid.heightPx; y++) {
    for (let i = first + y * grid.stride, end = i + grid.widthPx; i < end; i++) {
      if (maps.nuclear[i] > sure) nuclearMask[i] = 1
      if (maps.cellular[i] > cellular || maps.nuclear[i] > possible) cellMask[i] = 1
    }
  }
  const fragments = splitMask(nuclearMask, grid, 0.3 / workingUm)
  const territories = growTerritories(fragments, cellMask, grid, Math.round(6 / workingUm))
  const nuclei = fragments.list.map(noMoments)
  const bodies = fragments.list.map(noMoments)
  for (let y = 0; y < grid.heightPx; y++) {
    for (let x = 0, i = first + y * grid.stride; x < grid.widthPx; x++, i++) {
      const body = territories.labels[i]
      if (body === 0) continue
      addPixel(bodies[body - 1], x, y)
      if (fragments.labels[i] !== 0) addPixel(nuclei[body - 1], x, y)
    }
  }
  const groups = mergeFragments(fragments, territories, nuclei, bodies, workingUm)
  const boxes = bodyBoxes(groups, territories.labels, grid.widthPx, grid.heightPx, grid.stride, fragments.list.length)
  const detections: Detection[] = []
  for (const [k, group] of groups.entries()) {
    if (!isCell(group, workingUm)) continue
    const box = boxes[k]
    detections.push({
      xPx: ((box.left + box.right + 1) / 2) * factor,
      yPx: ((box.top + box.bottom + 1) / 2) * factor,
      widthPx: (box.right - box.left + 1) * factor,
      heightPx: (box.bottom - box.top + 1) * factor,
      score: 1,
    })
  }
  return detections.sort((a, b) => a.yPx - b.yPx || a.xPx - b.xPx)
}

function isCell(group: Group, workingUm: number): boolean {
  const nucleus = shapeOf(group.nucleus)
  const areaUm2 = nucleus.area * workingUm * workingUm
  return areaUm2 > 11 && group.radius * workingUm > 1.2
}

interface Box {
  left: number
  right: number
  top: number
  bottom: number
}

/** Boxes round the territories of each group, without the thin arms that leak along neighbours and fibres. */
function bodyBoxes(
  groups: readonly Group[],
  labels: Int32Array,
  widthPx: number,
  heightPx: number,
  stride: number,
  fragmentCount: number,
): Box[] {
  const groupOf = new Int32Array(fragmentCount + 1).fill(-1)
  for (const [k, group] of groups.entries()) for (const member of group.members) groupOf[member + 1] = k
  const columns = groups.map(() => new Map<number, number>())
  const rows = groups.map(() => new Map<number, number>())
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0, i = (y + MARGIN) * stride + MARGIN; x < widthPx; x++, i++) {
      const k = labels[i] === 0 ? -1 : groupOf[labels[i]]
      if (k < 0) continue
      columns[k].set(x, (columns[k].get(x) ?? 0) + 1)
      rows[k].set(y, (rows[k].get(y) ?? 0) + 1)
    }
  }
  return groups.map((group, k) => {
    const [left, right] = spanOf(columns[k], group.territory)
    const [top, bottom] = spanOf(rows[k], group.territory)
    return { left, right, top, bottom }
  })
}

function spanOf(counts: Map<number, number>, territory: Moments): [number, number] {
  const least = 0.15 * Math.sqrt(territory.area)
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const [at, count] of counts) {
    if (count < least) continue
    if (at < low) low = at
    if (at > high) high = at
  }
  return [low, high]
}
