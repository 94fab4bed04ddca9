/** Height of best focus over the slide: `zUm` at the middle point, and how it rises along the stage's axes. Plain data, to be kept. */
export interface FocusPlane {
  readonly middle: { readonly x: number; readonly y: number }
  readonly zUm: number
  /** Micrometres a micrometre. */
  readonly slopeX: number
  readonly slopeY: number
  /** Points the plane rests on; the others were left out as outliers. */
  readonly points: number
  /** Root mean square distance of those points from the plane, micrometres. */
  readonly residualUm: number
}

export interface FocusPoint {
  readonly x: number
  readonly y: number
  readonly zUm: number
}

/** Points further from the plane than this and than three times the usual distance are outliers. */
const OUTLIER_UM = 1

/**
 * The plane through measured heights of best focus by least squares. From five points on, points that do not fit the rest are left
 * out: the trial plane through three points with the least median distance to all (least median of squares, Rousseeuw 1984)
 * says which. Of points in a line it has no slope across the line; one point gives a level plane.
 * @throws RangeError without points.
 */
export function fitFocusPlane(points: readonly FocusPoint[]): FocusPlane {
  if (points.length === 0) throw new RangeError('a focus plane needs a point')
  return leastSquares(points.length < 5 ? points : withoutOutliers(points))
}

/** Of the plane, not rounded. */
export function heightOf(plane: FocusPlane, at: { readonly x: number; readonly y: number }): number {
  return plane.zUm + plane.slopeX * (at.x - plane.middle.x) + plane.slopeY * (at.y - plane.middle.y)
}

function withoutOutliers(points: readonly FocusPoint[]): readonly FocusPoint[] {
  let best: { plane: FocusPlane; medianUm: number } | null = null
  for (let i = 0; i < points.length; i++) {
    for (let j = i + 1; j < points.length; j++) {
      for (let k = j + 1; k < points.length; k++) {
        const plane = leastSquares([points[i], points[j], points[k]])
        const distances = points.map((point) => Math.abs(point.zUm - heightOf(plane, point))).sort((a, b) => a - b)
        // Of the smallest majority that holds more than the three points in the plane itself.
        const medianUm = distances[Math.floor((points.length + 1) / 2)]
        if (!best || medianUm < best.medianUm) best = { plane, medianUm }
      }
    }
  }
  const { plane, medianUm } = best!
  const limitUm = Math.max(OUTLIER_UM, 3 * medianUm)
  const near = (to: FocusPlane) => points.filter((point) => Math.abs(point.zUm - heightOf(to, point)) <= limitUm)
  // A second look from the plane through all that fit: three points alone err where they reach beyond themselves.
  return near(leastSquares(near(plane)))
}

function leastSquares(points: readonly FocusPoint[]): FocusPlane {
  const n = points.length
  const mean = (of: (point: FocusPoint) => number) => points.reduce((sum, point) => sum + of(point), 0) / n
  const middle = { x: mean((p) => p.x), y: mean((p) => p.y) }
  const zUm = mean((p) => p.zUm)
  const moment = (a: (p: FocusPoint) => number, b: (p: FocusPoint) => number) => mean((p) => a(p) * b(p))
  const dx = (p: FocusPoint) => p.x - middle.x
  const dy = (p: FocusPoint) => p.y - middle.y
  const dz = (p: FocusPoint) => p.zUm - zUm
  const [xx, xy, yy, xz, yz] = [moment(dx, dx), moment(dx, dy), moment(dy, dy), moment(dx, dz), moment(dy, dz)]
  const spread = xx + yy
  const determinant = xx * yy - xy * xy
  let slopeX = 0
  let slopeY = 0
  if (determinant > 1e-6 * spread * spread) {
    slopeX = (xz * yy - yz * xy) / determinant
    slopeY = (yz * xx - xz * xy) / determinant
  } else if (spread > 0) {
    // In a line: the slope along it, by its direction, the eigenvector of the larger eigenvalue (`spread`, as the other is zero).
    const length = Math.hypot(xx, xy) > Math.hypot(xy, yy) ? [xx, xy] : [xy, yy]
    const norm = Math.hypot(length[0], length[1])
    const [ux, uy] = [length[0] / norm, length[1] / norm]
    const slope = (ux * xz + uy * yz) / spread
    slopeX = slope * ux
    slopeY = slope * uy
  }
  const plane = { middle, zUm, slopeX, slopeY, points: n, residualUm: 0 }
  return { ...plane, residualUm: Math.sqrt(mean((p) => (p.zUm - heightOf(plane, p)) ** 2)) }
}
