import type { RgbImage } from '../../shared/image.ts'
import type { FieldSpread } from '../../shared/overview/spread.ts'
import { MARGIN } from './grid.ts'
import { viewRedCells, WINDOW_DIAMETERS } from './red-cells.ts'
import { type Segmentation, segmentCells } from './segment.ts'
import { selectCells } from './select-cells.ts'
import { logWhiteAt } from './white.ts'

/** Of a red cell on a dried smear: see `estimate-pixel-size.ts`. */
const RED_CELL_UM = 7.1
/** Cells are counted whose middle lies so far inside the image: those are seen whole, and an area's share of them is an unbiased one. */
const RIM_UM = 10
/** Thousandths of optical density of green: glass and dried plasma lie below, red cells above. */
const GROUND_BELOW = 90
/** Less of the field than this tells nothing: a share of an area. */
const LEAST_SHARE = 0.005

/**
 * How the smear is spread where the image was taken. Nothing is set for a laboratory: shares of areas and numbers of cells, and one
 * brightness that only says something beside that of other fields under the same light. Deterministic.
 *
 * @param pixelSizeUm micrometres a pixel, 0.02-0.5.
 * @param segmentation of the same image, where there is one already.
 */
export function viewSpread(
  image: RgbImage,
  pixelSizeUm: number,
  segmentation: Segmentation = segmentCells(image, pixelSizeUm),
): FieldSpread {
  const reds = viewRedCells(image, RED_CELL_UM / pixelSizeUm)
  const window = WINDOW_DIAMETERS * Math.ceil(RED_CELL_UM / pixelSizeUm)
  const seenPx2 = Math.min(image.widthPx, window) * Math.min(image.heightPx, window)
  const redShare = reds.stainedPx2 / seenPx2
  return {
    ...viewGround(segmentation),
    redShare,
    singleShare: redShare < LEAST_SHARE ? null : reds.singlePx2 / reds.stainedPx2,
    ...viewCells(segmentation, image, pixelSizeUm),
  }
}

function viewGround({ maps, white, territories }: Segmentation): Pick<FieldSpread, 'groundShare' | 'groundLevel'> {
  const { grid, absorbance } = maps
  let count = 0
  let sum = 0
  for (let y = 0; y < grid.heightPx; y++) {
    const row = (y + MARGIN) * grid.stride + MARGIN
    for (let i = row; i < row + grid.widthPx; i++) {
      if (absorbance[i] >= GROUND_BELOW || territories.labels[i] !== 0) continue
      count++
      sum += absorbance[i]
    }
  }
  const groundShare = count / (grid.widthPx * grid.heightPx)
  const groundLevel = groundShare < LEAST_SHARE ? null : Math.exp(logWhiteAt(white, 1, 0, 0) - sum / count / 1000)
  return { groundShare, groundLevel }
}

function viewCells(
  segmentation: Segmentation,
  image: RgbImage,
  pixelSizeUm: number,
): Pick<FieldSpread, 'cells' | 'cellsPerMm2' | 'cellShare' | 'touchingShare'> {
  const { groups, factor, workingUm, maps } = segmentation
  const selected = new Set(selectCells(segmentation).map(({ index }) => index))
  const touching = touchingGroups(segmentation, selected)
  const rim = RIM_UM / workingUm
  const [width, height] = [maps.grid.widthPx, maps.grid.heightPx]
  let [cells, close, area] = [0, 0, 0]
  for (const index of selected) {
    const { territory } = groups[index]
    area += territory.area
    const x = territory.x / territory.area
    const y = territory.y / territory.area
    if (x < rim || y < rim || x >= width - rim || y >= height - rim) continue
    cells++
    if (touching.has(index)) close++
  }
  const um2 =
    Math.max(0, image.widthPx * pixelSizeUm - 2 * RIM_UM) * Math.max(0, image.heightPx * pixelSizeUm - 2 * RIM_UM)
  return {
    cells,
    cellsPerMm2: um2 === 0 ? null : (cells / um2) * 1e6,
    cellShare: (area * factor ** 2) / (image.widthPx * image.heightPx),
    touchingShare: cells === 0 ? null : close / cells,
  }
}

/** Which of the selected groups meet another selected one. */
function touchingGroups({ groups, territories }: Segmentation, selected: ReadonlySet<number>): Set<number> {
  const groupOf = new Map<number, number>()
  for (const [index, { members }] of groups.entries()) for (const member of members) groupOf.set(member, index)
  const touching = new Set<number>()
  for (const { a, b } of territories.meetings) {
    const [one, other] = [groupOf.get(a), groupOf.get(b)]
    if (one === undefined || other === undefined || one === other) continue
    if (!selected.has(one) || !selected.has(other)) continue
    touching.add(one)
    touching.add(other)
  }
  return touching
}
