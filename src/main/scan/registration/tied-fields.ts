import type { Stitch } from '../../../shared/contract/slide.ts'
import type { StagePlace } from './solve-places.ts'

/** Where what images say of two fields is so near to their places, micrometres, they lie by it. */
const LIE_BY_UM = 0.5

/**
 * Whether images tie two fields to each other, directly or by way of others: then where they lie to each other is known to a few pixels, and
 * not by the stage's word.
 * @param placeOf where a field lies, slide pixels; undefined: it is not placed.
 */
export function areTied(
  one: number,
  other: number,
  stitches: readonly Pick<Stitch, 'from' | 'to' | 'offset'>[],
  placeOf: (index: number) => StagePlace | undefined,
  pixelSizeUm: number,
): boolean {
  const ties = new Map<number, number[]>()
  const tie = (a: number, b: number) => ties.set(a, [...(ties.get(a) ?? []), b])
  for (const { from, to, offset } of stitches) {
    const [a, b] = [placeOf(from), placeOf(to)]
    if (!offset || !a || !b) continue
    const off = Math.hypot(b.xPx - a.xPx - offset.xPx, b.yPx - a.yPx - offset.yPx)
    if (off * pixelSizeUm > LIE_BY_UM) continue
    tie(from, to)
    tie(to, from)
  }
  const reached = new Set([one])
  for (const field of reached) for (const next of ties.get(field) ?? []) reached.add(next)
  return reached.has(other)
}
