import type { RgbImage } from '../../shared/image.ts'
import type { Detection } from './analysis.ts'
import { bodyBoxes } from './boxes.ts'
import { segmentCells } from './segment.ts'
import { selectCells } from './select-cells.ts'

/**
 * Finds the nucleated cells in a Romanowsky-stained smear (marrow or blood). Red cells, platelets and stain debris are not
 * cells. Deterministic; nothing is set for a laboratory: the glass's colour and the stain's strength come from the image.
 *
 * @param pixelSizeUm micrometres a pixel, 0.02-0.5.
 * @returns top to bottom, then left to right; coordinates in pixels of `image`.
 */
export function detectCells(image: RgbImage, pixelSizeUm: number): Detection[] {
  const segmentation = segmentCells(image, pixelSizeUm)
  const { factor, workingUm, maps, fragments, territories, groups } = segmentation
  const boxes = bodyBoxes(groups, territories.labels, fragments.list.length, maps.grid)
  const margin = EDGE_UM / workingUm
  const detections: Detection[] = []
  for (const { index, score } of selectCells(segmentation)) {
    const box = boxes[index]
    const left = Math.max(0, (box.left - margin) * factor)
    const right = Math.min(image.widthPx, (box.right + 1 + margin) * factor)
    const top = Math.max(0, (box.top - margin) * factor)
    const bottom = Math.min(image.heightPx, (box.bottom + 1 + margin) * factor)
    detections.push({
      xPx: (left + right) / 2,
      yPx: (top + bottom) / 2,
      widthPx: right - left,
      heightPx: bottom - top,
      score,
    })
  }
  return detections.sort((a, b) => a.yPx - b.yPx || a.xPx - b.xPx)
}

/** The mask ends inside the blurred edge of a cell; a person's box ends outside it. */
const EDGE_UM = 0.22
