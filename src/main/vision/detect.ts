import type { RgbImage } from '../../shared/image.ts'
import type { DetectedCell } from './analysis.ts'
import { bodyBoxes } from './boxes.ts'
import { outlineIn } from './outline.ts'
import { type Segmentation, segmentCells } from './segment.ts'
import { selectCells } from './select-cells.ts'

/**
 * Finds the nucleated cells in a Romanowsky-stained smear (marrow or blood). Red cells, platelets and stain debris are not
 * cells. Deterministic; nothing is set for a laboratory: the glass's colour and the stain's strength come from the image.
 *
 * @param pixelSizeUm micrometres a pixel, 0.02-0.5.
 * @param segmentation of the same image, where there is one already.
 * @returns top to bottom, then left to right; coordinates in pixels of `image`.
 */
export function detectCells(
  image: RgbImage,
  pixelSizeUm: number,
  segmentation: Segmentation = segmentCells(image, pixelSizeUm),
): DetectedCell[] {
  const { factor, workingUm, maps, territories, groups } = segmentation
  const groupOf = groupsOf(segmentation)
  const boxes = bodyBoxes(groups, groupOf, territories.labels, maps.grid)
  const margin = EDGE_UM / workingUm
  const cells: DetectedCell[] = []
  for (const { index, score } of selectCells(segmentation)) {
    const box = boxes[index]
    const left = Math.max(0, (box.left - margin) * factor)
    const right = Math.min(image.widthPx, (box.right + 1 + margin) * factor)
    const top = Math.max(0, (box.top - margin) * factor)
    const bottom = Math.min(image.heightPx, (box.bottom + 1 + margin) * factor)
    const xPx = (left + right) / 2
    const yPx = (top + bottom) / 2
    const outline = outlineIn(territories.labels, groupOf, index + 1, box, maps.grid)
    cells.push({
      xPx,
      yPx,
      widthPx: right - left,
      heightPx: bottom - top,
      outlinePx: widened(outline, xPx / factor, yPx / factor, 0.5 + margin).map(
        (at) => Math.round(at * factor * 10) / 10,
      ),
      score,
    })
  }
  return cells.sort((a, b) => a.yPx - b.yPx || a.xPx - b.xPx)
}

/** The mask ends inside the blurred edge of a cell; a person's box ends outside it. */
const EDGE_UM = 0.22

/** For each fragment (index plus 1) its group, index plus 1. */
function groupsOf({ groups, fragments }: Segmentation): Int32Array {
  const groupOf = new Int32Array(fragments.list.length + 1)
  for (const [k, group] of groups.entries()) for (const member of group.members) groupOf[member + 1] = k + 1
  return groupOf
}

/** Moves every corner away from (x, y) by `distance`. */
function widened(outline: readonly number[], x: number, y: number, distance: number): number[] {
  const moved: number[] = []
  for (let k = 0; k < outline.length; k += 2) {
    const dx = outline[k] - x
    const dy = outline[k + 1] - y
    const scale = 1 + distance / Math.max(distance, Math.hypot(dx, dy))
    moved.push(x + dx * scale, y + dy * scale)
  }
  return moved
}
