import type { Match } from './match.ts'
import type { StagePlace } from './solve-places.ts'

/** A field committed before, and how the new one lies to it. */
export interface Neighbour {
  readonly place: StagePlace
  readonly match: Match
}

/** Rounds of reweighting. */
const ROUNDS = 6
/** As in `solvePlaces`. */
const DOUBTFUL = 5

/**
 * The place of one field among those that are placed: what images say weighs by its error, and less where the others contradict it; what was
 * expected of the stage decides where no image tells. The most alike neighbour is believed first.
 * @param expected where the stage puts it, its known error taken off. @param expectedErrorPx how far off that may be, standard error along
 * each axis.
 */
export function placeField(
  expected: StagePlace,
  expectedErrorPx: number,
  neighbours: readonly Neighbour[],
): StagePlace {
  const told = neighbours.flatMap(({ place, match: { offset, errorPx, score } }) =>
    offset === null || errorPx === null
      ? []
      : [{ xPx: place.xPx + offset.xPx, yPx: place.yPx + offset.yPx, errorPx, score }],
  )
  if (told.length === 0) return expected
  let at: StagePlace = told.reduce((best, each) => (each.score > best.score ? each : best))
  for (let round = 0; round < ROUNDS; round++) {
    let weights = 1 / expectedErrorPx ** 2
    let [x, y] = [expected.xPx * weights, expected.yPx * weights]
    for (const each of told) {
      const far = Math.hypot(each.xPx - at.xPx, each.yPx - at.yPx) / (DOUBTFUL * each.errorPx)
      const weight = 1 / (each.errorPx ** 2 * (1 + far * far) ** 2)
      weights += weight
      x += weight * each.xPx
      y += weight * each.yPx
    }
    at = { xPx: x / weights, yPx: y / weights }
  }
  return at
}
