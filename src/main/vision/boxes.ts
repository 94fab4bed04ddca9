import { type Grid, MARGIN } from './grid.ts'
import type { Group } from './merge.ts'
import type { Moments } from './shape.ts'

/** Working pixels, all four inclusive. */
export interface Box {
  left: number
  right: number
  top: number
  bottom: number
}

/** Boxes round the territories of each group, without the thin arms that leak along neighbours and fibres. */
export function bodyBoxes(groups: readonly Group[], labels: Int32Array, fragmentCount: number, grid: Grid): Box[] {
  const { widthPx, heightPx, stride } = grid
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

/** Rows and columns of a cell shorter than this share of its size are an arm: a fibre, a rim of a neighbour. */
const ARM = 0.2

function spanOf(counts: Map<number, number>, territory: Moments): [number, number] {
  const least = ARM * Math.sqrt(territory.area)
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const [at, count] of counts) {
    if (count < least) continue
    if (at < low) low = at
    if (at > high) high = at
  }
  return [low, high]
}
