import { type Rect, type SlidePx, slidePx } from '../../shared/geometry.ts'

/** How far two fields may disagree on where a cell's centre is, micrometres. */
const SEAM_UM = 1.5
/** Centres of one cell seen in two fields lie nearer than this, of two touching cells farther apart, micrometres. */
const SAME_CELL_UM = 2.5

export interface SeamRules {
  readonly seamPx: number
  readonly sameCellPx: number
}

export function seamRules(pixelSizeUm: number): SeamRules {
  return { seamPx: SEAM_UM / pixelSizeUm, sameCellPx: SAME_CELL_UM / pixelSizeUm }
}

/** The area in which a field looks for cells: what it may own and the seam round it. */
export function searchArea(owned: Rect<SlidePx>, rules: SeamRules): Rect<SlidePx> {
  return {
    origin: slidePx(owned.origin.x - rules.seamPx, owned.origin.y - rules.seamPx),
    width: owned.width + 2 * rules.seamPx,
    height: owned.height + 2 * rules.seamPx,
  }
}

/**
 * What a field owns of what it sees whole: the smallest rectangle round that part of it that no earlier field owns. A point belongs to the
 * first field whose rectangle holds it, so that the corners in which these rectangles may still overlap count once.
 * @param seen the image less a rim, where it was placed. @param earlier what fields committed before own, where they lie now.
 * @returns of no size where others own all of it.
 */
export function ownedPart(seen: Rect<SlidePx>, earlier: readonly Rect<SlidePx>[]): Rect<SlidePx> {
  const right = (rect: Rect<SlidePx>) => rect.origin.x + rect.width
  const bottom = (rect: Rect<SlidePx>) => rect.origin.y + rect.height
  const near = earlier.filter(
    (rect) =>
      rect.origin.x < right(seen) &&
      right(rect) > seen.origin.x &&
      rect.origin.y < bottom(seen) &&
      bottom(rect) > seen.origin.y,
  )
  const lines = (low: number, high: number, cuts: readonly number[]) =>
    [...new Set([low, high, ...cuts.filter((cut) => cut > low && cut < high)])].sort((a, b) => a - b)
  const xs = lines(
    seen.origin.x,
    right(seen),
    near.flatMap((rect) => [rect.origin.x, right(rect)]),
  )
  const ys = lines(
    seen.origin.y,
    bottom(seen),
    near.flatMap((rect) => [rect.origin.y, bottom(rect)]),
  )
  let [left, top, end, base] = [Infinity, Infinity, -Infinity, -Infinity]
  for (let i = 0; i + 1 < xs.length; i++) {
    for (let j = 0; j + 1 < ys.length; j++) {
      const [x, y] = [xs[i]!, ys[j]!]
      const taken = near.some(
        (rect) => rect.origin.x <= x && right(rect) >= xs[i + 1]! && rect.origin.y <= y && bottom(rect) >= ys[j + 1]!,
      )
      if (taken) continue
      left = Math.min(left, x)
      top = Math.min(top, y)
      end = Math.max(end, xs[i + 1]!)
      base = Math.max(base, ys[j + 1]!)
    }
  }
  if (end < left) return { origin: seen.origin, width: 0, height: 0 }
  return { origin: slidePx(left, top), width: end - left, height: base - top }
}

export interface SeamContext {
  readonly owned: Rect<SlidePx>
  /** What fields committed before own, where they lie now. */
  readonly earlier: readonly Rect<SlidePx>[]
  readonly rules: SeamRules
  /** A cell of another, committed field lies within `radiusPx` of the point. */
  readonly seenByOther: (point: SlidePx, radiusPx: number) => boolean
}

/**
 * Whether the field counts a cell it sees. A cell belongs to the field that owns its centre; fields may place the centre of
 * one cell on a seam a little differently, so whichever commits later settles it: it leaves out what the other took, and takes
 * what both thought the other's, or what lies in a gap that the stage left between them.
 */
export function countsCell(centre: SlidePx, { owned, earlier, rules, seenByOther }: SeamContext): boolean {
  const inOthers = Math.max(-Infinity, ...earlier.map((rect) => depth(rect, centre)))
  if (inOthers > rules.seamPx) return false
  const nearOthers = inOthers > -rules.sameCellPx
  if (nearOthers && seenByOther(centre, rules.sameCellPx)) return false
  return depth(owned, centre) >= 0 || (nearOthers && depth(owned, centre) >= -rules.seamPx)
}

/** How deep a point lies in a rectangle; outside it: minus how far it is from it. */
function depth({ origin, width, height }: Rect<SlidePx>, { x, y }: SlidePx): number {
  const across = Math.min(x - origin.x, origin.x + width - x)
  const down = Math.min(y - origin.y, origin.y + height - y)
  return across < 0 && down < 0 ? -Math.hypot(across, down) : Math.min(across, down)
}
