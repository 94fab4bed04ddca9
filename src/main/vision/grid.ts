/** Empty pixels round a grid, so that neighbours two away can be asked without looking for the edge. */
export const MARGIN = 2

/** A working-scale map with `MARGIN` pixels round it (on the right perhaps more): pixel (x, y) lies at `(y + MARGIN) * stride + x + MARGIN`. */
export interface Grid {
  readonly widthPx: number
  readonly heightPx: number
  readonly stride: number
  /** Entries of a map on this grid. */
  readonly size: number
}

export function gridFor(widthPx: number, heightPx: number): Grid {
  // Rows of whole words: masks are worked on four pixels at a time.
  const stride = (widthPx + 2 * MARGIN + 3) & ~3
  return { widthPx, heightPx, stride, size: stride * (heightPx + 2 * MARGIN) }
}

/** Offsets of the eight neighbours; the four that share a side come first. */
export function neighbours(grid: Grid): Int32Array {
  const { stride } = grid
  return Int32Array.of(-stride, -1, 1, stride, -stride - 1, -stride + 1, stride - 1, stride + 1)
}
