import { type Grid, MARGIN } from './grid.ts'

/**
 * Opens a mask (0 or 1) by an octagon two pixels in radius: what is thinner than five pixels goes, rims of red cells above
 * all. Pixels in `keep` stay.
 */
export function openMask(mask: Uint8Array, keep: Uint8Array, grid: Grid): void {
  const other = new Uint8Array(grid.size)
  const { stride } = grid
  forEachRow(grid, (from, to) => {
    for (let i = from; i < to; i++) {
      other[i] = mask[i] & mask[i - 1] & mask[i + 1] & mask[i - stride] & mask[i + stride]
    }
  })
  mask.fill(0)
  forEachRow(grid, (from, to) => {
    for (let i = from; i < to; i++) {
      if (other[i] === 0) continue
      const above = other[i - stride - 1] & other[i - stride] & other[i - stride + 1]
      const below = other[i + stride - 1] & other[i + stride] & other[i + stride + 1]
      mask[i] = above & below & other[i - 1] & other[i + 1]
    }
  })
  other.fill(0)
  forEachRow(grid, (from, to) => {
    for (let i = from; i < to; i++) {
      if (mask[i] === 0) continue
      for (let row = i - stride; row <= i + stride; row += stride) {
        other[row - 1] = 1
        other[row] = 1
        other[row + 1] = 1
      }
    }
  })
  forEachRow(grid, (from, to) => {
    for (let i = from; i < to; i++) {
      mask[i] = other[i] | other[i - 1] | other[i + 1] | other[i - stride] | other[i + stride] | keep[i]
    }
  })
}

function forEachRow(grid: Grid, act: (from: number, to: number) => void): void {
  for (let y = 0; y < grid.heightPx; y++) {
    const from = (y + MARGIN) * grid.stride + MARGIN
    act(from, from + grid.widthPx)
  }
}
