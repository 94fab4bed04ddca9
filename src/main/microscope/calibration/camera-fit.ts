import { type CameraTransform, determinant, inverse } from '../../../shared/camera-transform.ts'

/** A move as the controller reports it, and how far what is seen moved in the image. */
export interface MovedView {
  readonly xUm: number
  readonly yUm: number
  readonly xPx: number
  readonly yPx: number
}

export interface CameraFit {
  readonly transform: CameraTransform
  /** Moves it rests on; the others did not fit and were left out. */
  readonly moves: number
  readonly leftOut: number
  /** Root mean square distance of what was seen from what the transform says, pixels. */
  readonly residualPx: number
  /** Standard errors from the scatter of the moves. */
  readonly pixelSizeErrorPercent: number
  readonly rotationErrorDegrees: number
}

/** Moves farther from the rest than this and than four times the usual distance are left out. */
const OUTLIER_PX = 1

/**
 * The transform by least squares: the view moves against the stage, by the inverse of the transform. Moves that do not fit the rest are
 * left out: the trial through two moves with the least median distance to all (Rousseeuw 1984) says which.
 * @returns null where the moves do not reach in two directions.
 */
export function fitCamera(moves: readonly MovedView[]): CameraFit | null {
  const used = moves.length < 4 ? moves : withoutOutliers(moves)
  const fit = leastSquares(used)
  if (!fit) return null
  const transform = inverse({ xx: -fit.seen.xx, xy: -fit.seen.xy, yx: -fit.seen.yx, yy: -fit.seen.yy })
  const squares = used.reduce((sum, move) => sum + distance(fit.seen, move) ** 2, 0)
  // Two numbers a move, four unknowns.
  const variance = squares / Math.max(1, 2 * used.length - 4)
  // Of one element of the matrix along its weaker axis, pixels a micrometre; as a share of a pixel's size it is the error of either.
  const share = Math.sqrt(variance / fit.reachUm2) * Math.sqrt(Math.abs(determinant(transform)))
  return {
    transform,
    moves: used.length,
    leftOut: moves.length - used.length,
    residualPx: Math.sqrt(squares / used.length),
    pixelSizeErrorPercent: (100 * share) / Math.SQRT2,
    rotationErrorDegrees: ((180 / Math.PI) * share) / Math.SQRT2,
  }
}

function withoutOutliers(moves: readonly MovedView[]): readonly MovedView[] {
  let best: { readonly distances: readonly number[]; readonly medianPx: number } | null = null
  for (const [i, one] of moves.entries()) {
    for (const other of moves.slice(i + 1)) {
      const trial = leastSquares([one, other])
      if (!trial) continue
      const distances = moves.map((move) => distance(trial.seen, move))
      const medianPx = [...distances].sort((a, b) => a - b)[Math.floor(moves.length / 2)]!
      if (!best || medianPx < best.medianPx) best = { distances, medianPx }
    }
  }
  if (!best) return moves
  const limitPx = Math.max(OUTLIER_PX, 4 * best.medianPx)
  return moves.filter((_, i) => best.distances[i]! <= limitPx)
}

/** Pixels the view moves for a micrometre of the stage. */
function leastSquares(
  moves: readonly MovedView[],
): { readonly seen: CameraTransform; readonly reachUm2: number } | null {
  const sum = (of: (move: MovedView) => number) => moves.reduce((total, move) => total + of(move), 0)
  const [xx, xy, yy] = [sum((m) => m.xUm * m.xUm), sum((m) => m.xUm * m.yUm), sum((m) => m.yUm * m.yUm)]
  const area = xx * yy - xy * xy
  if (!(area > 1e-6 * (xx + yy) ** 2)) return null
  const solve = (alongX: number, alongY: number) => [
    (alongX * yy - alongY * xy) / area,
    (alongY * xx - alongX * xy) / area,
  ]
  const [a, b] = solve(
    sum((m) => m.xPx * m.xUm),
    sum((m) => m.xPx * m.yUm),
  )
  const [c, d] = solve(
    sum((m) => m.yPx * m.xUm),
    sum((m) => m.yPx * m.yUm),
  )
  const half = (xx + yy) / 2
  const reachUm2 = half - Math.sqrt(Math.max(0, half * half - area))
  return { seen: { xx: a!, xy: b!, yx: c!, yy: d! }, reachUm2 }
}

function distance({ xx, xy, yx, yy }: CameraTransform, { xUm, yUm, xPx, yPx }: MovedView): number {
  return Math.hypot(xPx - xx * xUm - xy * yUm, yPx - yx * xUm - yy * yUm)
}
