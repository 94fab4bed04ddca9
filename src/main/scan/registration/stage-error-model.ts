import { z } from 'zod'

/** Knots of a piecewise linear curve, evenly spaced, micrometres of the slide. */
const knots = z.object({ firstUm: z.number(), count: z.number().int().positive() })
export type Knots = z.infer<typeof knots>

/** A curve along x and one along y, by knot; their sum is what a stage is off along one axis, slide pixels. */
const errorCurve = z.object({ along: z.array(z.number()), down: z.array(z.number()) })
export type ErrorCurve = z.infer<typeof errorCurve>

/**
 * How a stage is off: along each axis a curve of x and a curve of y, added up. That is how stages err: the pitch of a screw depends on how
 * far it is turned, whatever the other axis does, and a rail that is not straight pushes to the side by how far one is along it. So a
 * column's error, known from any of its fields, is known for the others.
 */
export const stageErrorModel = z.object({
  along: knots,
  down: knots,
  /** Fields the model was made from, by knot. */
  seenAlong: z.array(z.number()),
  seenDown: z.array(z.number()),
  x: errorCurve,
  y: errorCurve,
  /** What is left beyond the curves along each axis, standard deviation, slide pixels. */
  scatterPx: z.number().positive(),
})
export type StageErrorModel = z.infer<typeof stageErrorModel>

/** Finer than fields are apart, so that no two columns share a knot; a screw turns a millimetre or so in the time of twenty. */
const SPACING_UM = 50

export function knotsOf(um: readonly number[]): Knots {
  const low = Math.floor(um.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY) / SPACING_UM)
  const high = Math.floor(um.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY) / SPACING_UM)
  return um.length === 0 ? { firstUm: 0, count: 1 } : { firstUm: low * SPACING_UM, count: high - low + 2 }
}

/** The knots to either side of a place and what each counts for there, times `factor`; knots are numbered from `first`. */
export function terms(
  { firstUm, count }: Knots,
  first: number,
  um: number,
  factor: number,
): (readonly [number, number])[] {
  const at = Math.max(0, Math.min(count - 1, (um - firstUm) / SPACING_UM))
  const below = Math.min(count - 2, Math.floor(at))
  if (below < 0) return [[first, factor]]
  return [
    [first + below, factor * (below + 1 - at)],
    [first + below + 1, factor * (at - below)],
  ]
}

/**
 * What the stage is off at a place, slide pixels. null: no field was near enough in x, or none in y, to tell.
 * @param place where the stage says it is, slide pixels.
 */
export function stageErrorAt(
  model: StageErrorModel,
  place: { readonly xPx: number; readonly yPx: number },
  pixelSizeUm: number,
): { readonly xPx: number; readonly yPx: number } | null {
  const along = terms(model.along, 0, place.xPx * pixelSizeUm, 1)
  const down = terms(model.down, 0, place.yPx * pixelSizeUm, 1)
  const inside = (um: number, { firstUm, count }: Knots) =>
    um >= firstUm - SPACING_UM / 2 && um <= firstUm + (count - 0.5) * SPACING_UM
  const known = (at: readonly (readonly [number, number])[], seen: readonly number[]) =>
    at.reduce((sum, [k, share]) => sum + share * (seen[k] ?? 0), 0) > 0.25
  if (!inside(place.xPx * pixelSizeUm, model.along) || !inside(place.yPx * pixelSizeUm, model.down)) return null
  if (!known(along, model.seenAlong) || !known(down, model.seenDown)) return null
  const sum = (curve: ErrorCurve) =>
    along.reduce((total, [k, share]) => total + share * curve.along[k]!, 0) +
    down.reduce((total, [k, share]) => total + share * curve.down[k]!, 0)
  return { xPx: sum(model.x), yPx: sum(model.y) }
}
