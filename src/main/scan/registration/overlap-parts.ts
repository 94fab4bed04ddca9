import { type FieldPx, fieldPx, type Rect } from '../../../shared/geometry.ts'
import type { ComparedScale } from './compared-scale.ts'

export interface SizePx {
  readonly widthPx: number
  readonly heightPx: number
}

/** Less than this on a side says nothing, micrometres. */
const LEAST_UM = 5.8

/**
 * What of two fields may show the same part of the slide, field pixels of each, whole pixels of those that are compared.
 * @param expected the other field's place less this one's. @param reachPx how far off that may be along each axis.
 * @returns null: they are not expected to share enough to tell anything.
 */
export function overlapParts(
  from: SizePx,
  to: SizePx,
  scale: ComparedScale,
  expected: { readonly xPx: number; readonly yPx: number },
  reachPx: number,
): { readonly from: Rect<FieldPx>; readonly to: Rect<FieldPx> } | null {
  const x = along(from.widthPx, to.widthPx, scale, expected.xPx, reachPx)
  const y = along(from.heightPx, to.heightPx, scale, expected.yPx, reachPx)
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

function along(
  from: number,
  to: number,
  { binning, pixelUm }: ComparedScale,
  by: number,
  reach: number,
): { from: Stretch; to: Stretch } | null {
  const sharedUm = ((Math.min(from, by + to) - Math.max(0, by)) * pixelUm) / binning
  if (sharedUm < LEAST_UM) return null
  const whole = (start: number, end: number, length: number): Stretch => ({
    start: binning * Math.floor(Math.max(0, start) / binning),
    end: binning * Math.floor(Math.min(length, end) / binning),
  })
  return { from: whole(by - reach, by + to + reach, from), to: whole(-by - reach, from - by + reach, to) }
}
