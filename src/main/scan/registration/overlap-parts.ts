import { type FieldPx, fieldPx, type Rect } from '../../../shared/geometry.ts'

interface SizePx {
  readonly widthPx: number
  readonly heightPx: number
}

/** Less than this on a side says nothing, field pixels. */
const LEAST_PX = 64

/**
 * What of two fields may show the same part of the slide, whole even pixels of each.
 * @param expected the other field's place less this one's. @param reachPx how far off that may be along each axis.
 * @returns null: they are not expected to share enough to tell anything.
 */
export function overlapParts(
  from: SizePx,
  to: SizePx,
  expected: { readonly xPx: number; readonly yPx: number },
  reachPx: number,
): { readonly from: Rect<FieldPx>; readonly to: Rect<FieldPx> } | null {
  const x = along(from.widthPx, to.widthPx, expected.xPx, reachPx)
  const y = along(from.heightPx, to.heightPx, expected.yPx, reachPx)
  if (x === null || y === null) return null
  const rect = (across: Stretch, down: Stretch): Rect<FieldPx> => ({
    origin: fieldPx(across.start, down.start),
    width: across.end - across.start,
    height: down.end - down.start,
  })
  return { from: rect(x.from, y.from), to: rect(x.to, y.to) }
}

interface Stretch {
  readonly start: number
  readonly end: number
}

function along(from: number, to: number, by: number, reach: number): { from: Stretch; to: Stretch } | null {
  if (Math.min(from, by + to) - Math.max(0, by) < LEAST_PX) return null
  const even = (start: number, end: number, length: number): Stretch => ({
    start: 2 * Math.floor(Math.max(0, start) / 2),
    end: 2 * Math.floor(Math.min(length, end) / 2),
  })
  return { from: even(by - reach, by + to + reach, from), to: even(-by - reach, from - by + reach, to) }
}
