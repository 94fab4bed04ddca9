import { contains, type Rect, type SlidePx, slidePx } from '../../shared/geometry.ts'

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

/** The area in which a field looks for cells: what it owns and the seam round it. */
export function searchArea(owned: Rect<SlidePx>, rules: SeamRules): Rect<SlidePx> {
  return {
    origin: slidePx(owned.origin.x - rules.seamPx, owned.origin.y - rules.seamPx),
    width: owned.width + 2 * rules.seamPx,
    height: owned.height + 2 * rules.seamPx,
  }
}

export interface SeamContext {
  readonly owned: Rect<SlidePx>
  readonly rules: SeamRules
  /** The field is committed already. */
  readonly isCommitted: (fieldIndex: number) => boolean
  readonly ownerOf: (point: SlidePx) => number | null
  /** A cell of another, committed field lies within `radiusPx` of the point. */
  readonly seenByOther: (point: SlidePx, radiusPx: number) => boolean
}

/**
 * Whether the field counts a cell it sees. A cell belongs to the field that owns its centre; fields may place the centre of
 * one cell on a seam a little differently, so whichever commits later settles it: it leaves out what the other took, and takes
 * what both thought the other's.
 */
export function countsCell(centre: SlidePx, context: SeamContext): boolean {
  const { owned, rules } = context
  const inside = contains(owned, centre)
  const depth = Math.min(
    centre.x - owned.origin.x,
    centre.y - owned.origin.y,
    owned.origin.x + owned.width - centre.x,
    owned.origin.y + owned.height - centre.y,
  )
  if (inside && depth > rules.sameCellPx) return true
  if (context.seenByOther(centre, rules.sameCellPx)) return false
  if (inside) return true
  const owner = context.ownerOf(centre)
  return owner !== null && context.isCommitted(owner)
}
