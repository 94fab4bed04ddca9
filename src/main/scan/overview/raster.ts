import { type Rect, type StageUm, stageUm } from '../../../shared/geometry.ts'

/** So many places show where a smear is thick, rich and in focus; one more exposure each. */
const USUAL_PLACES = 280
/** Marrow particles and the thin end are not much smaller. */
const LEAST_PITCH_UM = 250

/** How far apart the places of an overview lie unless a person says so: coarser on a larger extent. */
export function usualPitchUm(extent: Rect<StageUm>): number {
  return Math.max(LEAST_PITCH_UM, Math.ceil(Math.sqrt((extent.width * extent.height) / USUAL_PLACES) / 10) * 10)
}

export interface RasterPlace {
  readonly at: StageUm
  /** One of the few that are looked at first, to learn where there is anything to focus on. */
  readonly scout: boolean
}

/** One of so many in each direction is a scout. */
const SCOUT_EVERY = 3

/** Places `pitchUm` apart over the extent, centred in it, in a serpentine along its longer side; at least one. */
export function overviewRaster(extent: Rect<StageUm>, pitchUm: number): RasterPlace[] {
  const { origin, width, height } = extent
  const columns = Math.max(1, Math.floor(width / pitchUm))
  const rows = Math.max(1, Math.floor(height / pitchUm))
  const left = origin.x + (width - (columns - 1) * pitchUm) / 2
  const top = origin.y + (height - (rows - 1) * pitchUm) / 2
  const isScout = (index: number, count: number) =>
    count < SCOUT_EVERY || index % SCOUT_EVERY === Math.floor(SCOUT_EVERY / 2)
  const place = (column: number, row: number): RasterPlace => ({
    at: stageUm(left + column * pitchUm, top + row * pitchUm),
    scout: isScout(column, columns) && isScout(row, rows),
  })
  const places: RasterPlace[] = []
  const [lines, along] = width >= height ? [rows, columns] : [columns, rows]
  for (let line = 0; line < lines; line++) {
    for (let i = 0; i < along; i++) {
      const step = line % 2 === 0 ? i : along - 1 - i
      places.push(width >= height ? place(step, line) : place(line, step))
    }
  }
  return places
}

/** At most `count` of the places, as far from one another as can be: the first, then always the one farthest from those chosen. */
export function spreadOut<P extends { readonly x: number; readonly y: number }>(
  places: readonly P[],
  count: number,
): P[] {
  const chosen: P[] = places.slice(0, 1)
  const distance = places.map((place) => Math.hypot(place.x - places[0]!.x, place.y - places[0]!.y))
  while (chosen.length < Math.min(count, places.length)) {
    const at = distance.indexOf(Math.max(...distance))
    if (distance[at] === 0) break
    const next = places[at]!
    chosen.push(next)
    for (const [i, place] of places.entries())
      distance[i] = Math.min(distance[i]!, Math.hypot(place.x - next.x, place.y - next.y))
  }
  return chosen
}

/** Always on to the nearest that is left. */
export function nearestInTurn<P extends { readonly x: number; readonly y: number }>(
  places: readonly P[],
  from: { readonly x: number; readonly y: number },
): P[] {
  const left = [...places]
  const order: P[] = []
  for (let here = from; left.length > 0; here = order.at(-1)!) {
    const far = (place: P) => Math.hypot(place.x - here.x, place.y - here.y)
    const next = left.reduce((best, place) => (far(place) < far(best) ? place : best))
    left.splice(left.indexOf(next), 1)
    order.push(next)
  }
  return order
}
