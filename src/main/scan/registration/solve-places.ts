import { LeastSquares } from './least-squares.ts'
import { type ErrorCurve, knotsOf, type StageErrorModel, terms } from './stage-error-model.ts'

/** A field where the stage says it is: its image's upper left corner on the slide, slide pixels, parts of a pixel kept. */
export interface StagePlace {
  readonly xPx: number
  readonly yPx: number
}

/** What two fields' images say of how they lie to each other; fields by their number in the list of places. */
export interface PlaceEdge {
  readonly from: number
  readonly to: number
  /** Place of `to` less place of `from`, slide pixels. */
  readonly offset: { readonly xPx: number; readonly yPx: number }
  readonly errorPx: number
}

export interface Solution {
  /** One a field, slide pixels. */
  readonly places: readonly StagePlace[]
  readonly model: StageErrorModel
}

/** Rounds of reweighting. */
const ROUNDS = 8
/** An edge off by so many of its standard errors counts for a quarter: Geman and McClure's weight (1985). */
const DOUBTFUL = 5
/** Bounds of what the stage is off beyond its drives' error, micrometres. */
const SCATTER_UM = { first: 1, least: 0.05, most: 3 }
/** How far a curve may bend from one knot to the next, and how far off it may lie as a whole, micrometres. */
const BEND_UM = 1
const OFF_UM = 30

/**
 * All places at once: what images say of neighbours weighs by its error, and ever less the more it disagrees with the rest; what the stage
 * says weighs once its own error is understood (see `StageErrorModel`). Fields and groups of fields that no image ties to the others so lie
 * where the error of the stage, learned from those that are tied, says. Pure: the same numbers in, the same numbers out.
 */
export function solvePlaces(stage: readonly StagePlace[], edges: readonly PlaceEdge[], pixelSizeUm: number): Solution {
  const px = (um: number): number => um / pixelSizeUm
  const along = knotsOf(stage.map((place) => place.xPx * pixelSizeUm))
  const down = knotsOf(stage.map((place) => place.yPx * pixelSizeUm))
  const n = stage.length
  const curves = [n, n + along.count] as const
  const unknowns = n + along.count + down.count
  const tied = new Set(edges.flatMap((edge) => [edge.from, edge.to]))
  const system = (axis: 'xPx' | 'yPx') => {
    const rows = new LeastSquares(unknowns)
    const edgeRows = edges.map(({ from, to, offset }) =>
      rows.add(
        [
          [to, 1],
          [from, -1],
        ],
        offset[axis] - (stage[to]![axis] - stage[from]![axis]),
        1,
      ),
    )
    const stageRows = stage.map((place, i) =>
      rows.add(
        [
          [i, 1],
          ...terms(along, curves[0], place.xPx * pixelSizeUm, -1),
          ...terms(down, curves[1], place.yPx * pixelSizeUm, -1),
        ],
        0,
        1,
      ),
    )
    for (const [knots, first] of [
      [along, curves[0]],
      [down, curves[1]],
    ] as const) {
      for (let k = 0; k < knots.count; k++) rows.add([[first + k, 1]], 0, 1 / px(OFF_UM) ** 2)
      for (let k = 1; k + 1 < knots.count; k++) {
        rows.add(
          [
            [first + k - 1, 1],
            [first + k, -2],
            [first + k + 1, 1],
          ],
          0,
          1 / px(BEND_UM) ** 2,
        )
      }
    }
    return { rows, edgeRows, stageRows, off: new Float64Array(unknowns) }
  }
  const axes = { xPx: system('xPx'), yPx: system('yPx') } as const
  let scatterPx = px(SCATTER_UM.first)
  const doubts = edges.map(() => 1)
  for (let round = 0; round < ROUNDS; round++) {
    for (const axis of ['xPx', 'yPx'] as const) {
      const { rows, edgeRows, stageRows, off } = axes[axis]
      for (const [i, edge] of edges.entries()) rows.setWeight(edgeRows[i]!, doubts[i]! / edge.errorPx ** 2)
      for (const row of stageRows) rows.setWeight(row, 1 / scatterPx ** 2)
      axes[axis].off = rows.solve(off)
    }
    for (const [i, edge] of edges.entries()) {
      const rest = (axis: 'xPx' | 'yPx') =>
        stage[edge.to]![axis] +
        axes[axis].off[edge.to]! -
        stage[edge.from]![axis] -
        axes[axis].off[edge.from]! -
        edge.offset[axis]
      const far = Math.hypot(rest('xPx'), rest('yPx')) / (DOUBTFUL * edge.errorPx)
      doubts[i] = 1 / (1 + far * far) ** 2
    }
    // Fields tied to nothing lie where the model says: they know nothing of its error.
    const misses = [...tied].flatMap((i) =>
      (['xPx', 'yPx'] as const).map((axis) => Math.abs(missOf(axes[axis].off, stage[i]!, i))),
    )
    if (misses.length >= 20) {
      const median = misses.sort((a, b) => a - b)[misses.length >> 1]!
      scatterPx = Math.min(px(SCATTER_UM.most), Math.max(px(SCATTER_UM.least), 1.4826 * median))
    }
  }

  function missOf(off: Float64Array, place: StagePlace, i: number): number {
    let miss = off[i]!
    for (const [k, factor] of terms(along, curves[0], place.xPx * pixelSizeUm, 1)) miss -= factor * off[k]!
    for (const [k, factor] of terms(down, curves[1], place.yPx * pixelSizeUm, 1)) miss -= factor * off[k]!
    return miss
  }

  const curve = (axis: 'xPx' | 'yPx'): ErrorCurve => ({
    along: [...axes[axis].off.subarray(curves[0], curves[1])],
    down: [...axes[axis].off.subarray(curves[1])],
  })
  return {
    places: stage.map((place, i) => ({ xPx: place.xPx + axes.xPx.off[i]!, yPx: place.yPx + axes.yPx.off[i]! })),
    model: {
      along,
      down,
      seenAlong: seenAt(
        along,
        stage.map((place) => place.xPx * pixelSizeUm),
      ),
      seenDown: seenAt(
        down,
        stage.map((place) => place.yPx * pixelSizeUm),
      ),
      x: curve('xPx'),
      y: curve('yPx'),
      scatterPx,
    },
  }
}

/** Fields near each knot. */
function seenAt(knots: StageErrorModel['along'], um: readonly number[]): number[] {
  const seen = new Array<number>(knots.count).fill(0)
  for (const at of um) for (const [k, share] of terms(knots, 0, at, 1)) seen[k]! += share
  return seen
}
