import type { StageUm } from '../../../shared/geometry.ts'
import { type FocusPlane, type FocusPoint, fitFocusPlane, heightOf } from './focus-plane.ts'

/**
 * Height of best focus over the slide: a plane, and how the slide bends away from it. Plain data, to be kept. Without bends it is the
 * plane alone.
 */
export interface FocusMap extends FocusPlane {
  /** Each lifts its surroundings: by `liftUm` at its middle, less with the distance. */
  readonly bends: readonly { readonly x: number; readonly y: number; readonly liftUm: number }[]
  /** Distance at which a bend's lift has fallen to 61 % (a Gaussian's standard deviation), micrometres. */
  readonly reachUm: number
}

/** Heights are given in tenths of a micrometre: well below the depth of field. */
const STEPS_PER_UM = 10
/** Fewer points tell tilt, not shape. */
const FEWEST_FOR_BENDS = 7
/** How far a slide bends away from a plane, and how well a focus search finds a height: standard deviations, micrometres. */
const BEND_UM = 2
const SEARCH_UM = 0.15
/** Bends are about this share of the measured area's longer side in size. */
const REACH_SHARE = 0.5
/** A height this far from what the other points say, and three times what they leave open, is an outlier. */
const OUTLIER_UM = 1
/** More than this share of the points is never left out. */
const MOST_OUTLIERS = 1 / 3

/**
 * The map through measured heights: a plane that outliers do not move (`fitFocusPlane`), and on what is left of it Gaussian process
 * regression (Rasmussen and Williams 2006, algorithm 2.1), which follows the slide's bend where points say so and returns to the plane
 * where none are. From seven points on, the point that the others contradict most is left out, one after the other, until none is
 * contradicted. @throws RangeError without points.
 */
export function fitFocusMap(points: readonly FocusPoint[]): FocusMap {
  let used = points
  const most = Math.floor(points.length * MOST_OUTLIERS)
  // A bowed slide is no plane: what a plane calls outliers are its corners, so they are judged by the whole map.
  for (let left = 0; left < most && used.length > FEWEST_FOR_BENDS; left++) {
    const worst = mostContradicted(used)
    if (!worst) break
    used = used.filter((point) => point !== worst)
  }
  return mapThrough(used)
}

/** Height of best focus at a place, a whole number of tenths of a micrometre. */
export function predictFocus(map: FocusMap, at: StageUm): number {
  return Math.round(mapHeight(map, at) * STEPS_PER_UM) / STEPS_PER_UM
}

function mapHeight(map: FocusMap, at: { readonly x: number; readonly y: number }): number {
  return map.bends.reduce((sum, bend) => sum + bend.liftUm * nearness(bend, at, map.reachUm), heightOf(map, at))
}

function nearness(a: { x: number; y: number }, b: { x: number; y: number }, reachUm: number): number {
  return Math.exp(-((a.x - b.x) ** 2 + (a.y - b.y) ** 2) / (2 * reachUm ** 2))
}

function mapThrough(points: readonly FocusPoint[]): FocusMap {
  const plane = fitFocusPlane(points)
  if (points.length < FEWEST_FOR_BENDS) return { ...plane, bends: [], reachUm: 1 }
  const { inverse, reachUm, left } = regression(points, plane)
  const bends = points.map(({ x, y }, i) => ({ x, y, liftUm: BEND_UM ** 2 * times(inverse[i]!, left) }))
  const map = { ...plane, bends, reachUm }
  const squares = points.reduce((sum, point) => sum + (point.zUm - mapHeight(map, point)) ** 2, 0)
  return { ...map, points: points.length, residualUm: Math.sqrt(squares / points.length) }
}

/**
 * The point that the others contradict most; null: none is an outlier. What the others say of a point, and how much they leave open,
 * follows from the inverse of the covariance (equation 5.12 there).
 */
function mostContradicted(points: readonly FocusPoint[]): FocusPoint | null {
  const { inverse, left } = regression(points, fitFocusPlane(points))
  let worst: { readonly point: FocusPoint; readonly times: number } | null = null
  for (const [i, point] of points.entries()) {
    const offUm = Math.abs(times(inverse[i]!, left) / inverse[i]![i]!)
    const openUm = 1 / Math.sqrt(inverse[i]![i]!)
    const howOften = offUm / openUm
    if (offUm > OUTLIER_UM && howOften > 3 && (!worst || howOften > worst.times)) worst = { point, times: howOften }
  }
  return worst?.point ?? null
}

/** The inverse of the points' covariance, and what the plane leaves of their heights. */
function regression(points: readonly FocusPoint[], plane: FocusPlane) {
  const xs = points.map(({ x }) => x)
  const ys = points.map(({ y }) => y)
  const length = Math.max(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys))
  const reachUm = Math.max(1, REACH_SHARE * length)
  const covariance = points.map((a, i) =>
    points.map((b, j) => BEND_UM ** 2 * nearness(a, b, reachUm) + (i === j ? SEARCH_UM ** 2 : 0)),
  )
  return { inverse: inverted(covariance), reachUm, left: points.map((point) => point.zUm - heightOf(plane, point)) }
}

function times(row: readonly number[], column: readonly number[]): number {
  return row.reduce((sum, value, i) => sum + value * column[i]!, 0)
}

/** By Gauss and Jordan's elimination; a covariance is positive definite, so no row has to give way to another. */
export function inverted(matrix: readonly (readonly number[])[]): number[][] {
  const n = matrix.length
  const rows = matrix.map((row, i) => [...row, ...Array.from({ length: n }, (_, j) => (i === j ? 1 : 0))])
  for (const [i, row] of rows.entries()) {
    const pivot = row[i]!
    for (let k = 0; k < 2 * n; k++) row[k]! /= pivot
    for (const other of rows) {
      const share = other === row ? 0 : other[i]!
      if (share !== 0) for (let k = 0; k < 2 * n; k++) other[k]! -= share * row[k]!
    }
  }
  return rows.map((row) => row.slice(n))
}
