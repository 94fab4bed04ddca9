import type { LaidCell } from './laid-cell.ts'
import type { Random } from './random.ts'

/** The most cells one clump holds. */
export const CLUMP_CELLS = 12
/**
 * How near two cells of a clump lie, share of the sum of their radii. Real cells flatten where they touch; drawn ones keep their
 * outlines, so a little of one lies on the other.
 */
const NEAREST = 0.9
const FARTHEST = 1
/** Cells of two clumps keep at least this apart: a clump is no larger than it says. */
const APART = 1.15
const TRIES = 30

interface Place {
  readonly x: number
  readonly y: number
}

/** What clumps are laid out in. */
export interface ClumpGround {
  readonly random: Random
  readonly left: number
  readonly top: number
  readonly sideUm: number
  /** Cells of neighbouring chunks. */
  readonly around: readonly LaidCell[]
  /** Whether a cell may begin a clump there at all (the smear's density). */
  inhabited(place: Place): boolean
  /** Whether nothing but cells is in the way there. */
  dry(place: Place, radiusUm: number): boolean
}

/** Lays `cells` out as clumps of 2 to `CLUMP_CELLS`, each cell touching another of its clump; who finds no room is left out. */
export function layClumps(cells: readonly Omit<LaidCell, 'x' | 'y'>[], ground: ClumpGround): LaidCell[] {
  const { random } = ground
  const laid: LaidCell[] = []
  let clump: LaidCell[] = []
  let size = 0
  for (const cell of cells) {
    if (clump.length >= size) {
      clump = []
      size = 2 + random.int(CLUMP_CELLS - 1)
    }
    const place =
      clump.length === 0 ? beginning(cell.radiusUm, laid, ground) : beside(cell.radiusUm, clump, laid, ground)
    if (place === null) continue
    const placed = { ...cell, ...place }
    laid.push(placed)
    clump.push(placed)
  }
  return laid
}

function beginning(radiusUm: number, laid: readonly LaidCell[], ground: ClumpGround): Place | null {
  const { random, left, top, sideUm } = ground
  for (let k = 0; k < TRIES; k++) {
    const place = { x: left + random.next() * sideUm, y: top + random.next() * sideUm }
    if (ground.inhabited(place) && isFree(place, radiusUm, [], laid, ground)) return place
  }
  return null
}

/** Beside one of the clump; of several places found mostly the one nearest to its middle, so that clumps are round rather than rows. */
function beside(
  radiusUm: number,
  clump: readonly LaidCell[],
  laid: readonly LaidCell[],
  ground: ClumpGround,
): Place | null {
  const { random } = ground
  const middle = {
    x: clump.reduce((sum, cell) => sum + cell.x, 0) / clump.length,
    y: clump.reduce((sum, cell) => sum + cell.y, 0) / clump.length,
  }
  const wanted = random.chance(0.7) ? 4 : 1
  let best: Place | null = null
  let found = 0
  for (let k = 0; k < TRIES && found < wanted; k++) {
    const partner = random.pick(clump)
    const angle = random.angle()
    const reach = (partner.radiusUm + radiusUm) * random.range(NEAREST, FARTHEST)
    const place = { x: partner.x + reach * Math.cos(angle), y: partner.y + reach * Math.sin(angle) }
    if (!isFree(place, radiusUm, clump, laid, ground)) continue
    found++
    if (best === null || distance(place, middle) < distance(best, middle)) best = place
  }
  return best
}

function isFree(
  place: Place,
  radiusUm: number,
  clump: readonly LaidCell[],
  laid: readonly LaidCell[],
  ground: ClumpGround,
): boolean {
  const { left, top, sideUm } = ground
  if (place.x < left || place.y < top || place.x >= left + sideUm || place.y >= top + sideUm) return false
  const clear = (other: LaidCell) =>
    distance(place, other) >= (clump.includes(other) ? NEAREST : APART) * (radiusUm + other.radiusUm)
  return laid.every(clear) && ground.around.every(clear) && ground.dry(place, radiusUm)
}

function distance(a: Place, b: Place): number {
  return Math.hypot(a.x - b.x, a.y - b.y)
}
