import { type Grid, MARGIN } from './grid.ts'
import type { Group } from './group.ts'
import type { Moments } from './shape.ts'

/** Working pixels, all four inclusive. */
export interface Box {
  left: number
  right: number
  top: number
  bottom: number
}

/**
 * Boxes round the territories of each group, without the thin arms that leak along neighbours and fibres.
 *
 * @param groupOf for each label its group, index plus 1; 0: none
 */
export function bodyBoxes(groups: readonly Group[], groupOf: Int32Array, labels: Int32Array, grid: Grid): Box[] {
  const { widthPx, heightPx, stride } = grid
  const columns = new Uint32Array(groups.length * widthPx)
  const rows = new Uint32Array(groups.length * heightPx)
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0, i = (y + MARGIN) * stride + MARGIN; x < widthPx; x++, i++) {
      if (labels[i] === 0) continue
      const k = groupOf[labels[i]] - 1
      if (k < 0) continue
      columns[k * widthPx + x]++
      rows[k * heightPx + y]++
    }
  }
  return groups.map(({ territory }, k) => {
    const [left, right] = spanOf(columns.subarray(k * widthPx, (k + 1) * widthPx), territory)
    const [top, bottom] = spanOf(rows.subarray(k * heightPx, (k + 1) * heightPx), territory)
    return { left, right, top, bottom }
  })
}

/** Rows and columns of a cell shorter than this share of its size are an arm: a fibre, a rim of a neighbour. */
const ARM = 0.2

function spanOf(counts: Uint32Array, territory: Moments): [number, number] {
  const least = Math.max(1, ARM * Math.sqrt(territory.area))
  let low = 0
  let high = counts.length - 1
  while (low < high && counts[low] < least) low++
  while (high > low && counts[high] < least) high--
  return [low, high]
}
