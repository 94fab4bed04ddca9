import type { GreyPlane } from '../../microscope/calibration/grey-plane.ts'

/** How two planes lie to each other: a point (x, y) of the one is at (x + by.x, y + by.y) in the other; whole pixels of the planes. */
export interface Offset {
  readonly x: number
  readonly y: number
}

/** How alike two planes are, and by how much of what they show. */
export interface Likeness {
  /** Correlation coefficient. 1: the same but for noise; 0: nothing in common, or nothing there but noise. */
  readonly score: number
  /**
   * About how many pixels it rests on, (sum of products)^2 / (sum of their squares): all of them where an overlap is full of cells, those of the
   * one cell where there is but one, and hardly any where two specks of dirt or stuck pixels lie on each other.
   */
  readonly pixels: number
}

const NOTHING: Likeness = { score: 0, pixels: 0 }

/** Of two planes of details (mean about 0) where they overlap. */
export function likeness(from: GreyPlane, to: GreyPlane, by: Offset): Likeness {
  const left = Math.max(0, -by.x)
  const top = Math.max(0, -by.y)
  const right = Math.min(from.widthPx, to.widthPx - by.x)
  const bottom = Math.min(from.heightPx, to.heightPx - by.y)
  if (right <= left || bottom <= top) return NOTHING
  let [ab, aa, bb, abab] = [0, 0, 0, 0]
  for (let y = top; y < bottom; y++) {
    const other = (y + by.y) * to.widthPx + by.x
    const row = y * from.widthPx
    for (let x = left; x < right; x++) {
      const a = from.values[row + x]!
      const b = to.values[other + x]!
      ab += a * b
      aa += a * a
      bb += b * b
      abab += a * b * (a * b)
    }
  }
  return ab <= 0 ? NOTHING : { score: ab / Math.sqrt(aa * bb), pixels: (ab * ab) / abab }
}
