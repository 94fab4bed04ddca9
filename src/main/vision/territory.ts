import type { Fragments } from './fragments.ts'
import { type Grid, neighbours } from './grid.ts'

/** Two fragments whose territories meet. */
export interface Meeting {
  readonly a: number
  readonly b: number
  /** Working pixels from one fragment to the other through the cells' bodies; 0 where they touch. */
  gap: number
  /** Pairs of neighbouring pixels along the meeting. */
  contact: number
}

export interface Territories {
  /** 0 outside, else the fragment's index plus 1. */
  readonly labels: Int32Array
  readonly meetings: readonly Meeting[]
}

/**
 * Grows every fragment through its own home (bodies that belong together), all at the same pace, up to `reach` working pixels: the
 * territory of a nucleus is the cell round it, and fragments whose territories meet may belong to one cell.
 *
 * @param bodyOf for each fragment its body, index plus 1
 * @param bodies of every pixel its body, index plus 1; 0: none
 * @param homes for each body (index plus 1) the body it belongs to; 0: to none
 */
export function growTerritories(
  fragments: Fragments,
  bodyOf: Int32Array,
  bodies: Int32Array,
  homes: Int32Array,
  grid: Grid,
  reach: number,
): Territories {
  const labels = fragments.labels.slice()
  const steps = new Uint8Array(grid.size)
  const offsets = neighbours(grid)
  const meetings = new Map<number, Meeting>()
  const count = fragments.list.length
  let latest: Meeting | null = null
  const meet = (first: number, second: number, gap: number): void => {
    const a = Math.min(first, second) - 1
    const b = Math.max(first, second) - 1
    // Borders are followed a piece at a time: mostly it is the meeting of just before.
    if (latest === null || latest.a !== a || latest.b !== b) {
      const known = meetings.get(a * count + b) ?? { a, b, gap, contact: 0 }
      meetings.set(a * count + b, known)
      latest = known
    }
    latest.contact++
    if (gap < latest.gap) latest.gap = gap
  }
  // Every pixel comes into the front once at most. Memory nobody writes to costs nothing.
  const front = new Int32Array(grid.size)
  let length = 0
  const { stride } = grid
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]
    if (label === 0) continue
    const right = labels[i + 1]
    const below = labels[i + stride]
    if (right === 0 || below === 0 || labels[i - 1] === 0 || labels[i - stride] === 0) front[length++] = i
    if (right !== 0 && right !== label) meet(label, right, 0)
    if (below !== 0 && below !== label) meet(label, below, 0)
  }
  // Rings of four and eight neighbours in turn make an octagon, close enough to a circle.
  let start = 0
  for (let step = 1; step <= reach; step++) {
    const end = length
    const sides = step % 2 === 1 ? 4 : 8
    for (let k = start; k < end; k++) {
      const i = front[k]
      const label = labels[i]
      const home = bodyOf[label - 1]
      for (let n = 0; n < sides; n++) {
        const j = i + offsets[n]
        const other = labels[j]
        if (other === label) continue
        if (other !== 0) {
          meet(label, other, steps[i] + steps[j])
        } else if (homes[bodies[j]] === home) {
          labels[j] = label
          steps[j] = step
          front[length++] = j
        }
      }
    }
    // Pixels reached in a ring of four still have corners to grow from in the next one.
    start = sides === 4 ? start : end
    if (length === end && sides === 8) break
  }
  return { labels, meetings: [...meetings.values()] }
}
