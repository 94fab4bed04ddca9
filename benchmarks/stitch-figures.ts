import type { Casebook } from '../src/main/casebook/casebook.ts'
import { ONE_PLACE_UM } from '../src/main/scan/registration/doubtful-place.ts'
import type { StagePlace } from '../src/main/scan/registration/solve-places.ts'
import type { Fault } from './stitch-faults.ts'

/** By more than this, pixels, an offset that was found is wrong. */
const WRONG_PX = 2

export interface StitchedRun {
  readonly casebook: Casebook
  readonly runId: number
  readonly pixelSizeUm: number
  /** By field: what the stage says, and what its image really shows. */
  readonly stagePlaces: readonly StagePlace[]
  readonly truePlaces: readonly StagePlace[]
  readonly faults: readonly Fault[]
  readonly leftOut: ReadonlySet<number>
  /** Cells of the truth that a field sees whole. */
  readonly seen: ReadonlySet<number>
  /** By cell of the truth: the fields that count it. */
  readonly taken: ReadonlyMap<number, readonly number[]>
}

/** How right the run's fields lie, and what that does to its count. */
export function stitchFigures(run: StitchedRun) {
  const { casebook, runId, pixelSizeUm, stagePlaces, truePlaces, faults, leftOut, seen, taken } = run
  const stitches = casebook.stitches(runId)
  const solved = casebook.exactPlaces(runId)
  const wrong = stitches.filter(
    ({ from, to, offset }) =>
      offset &&
      Math.hypot(
        truePlaces[to]!.xPx - truePlaces[from]!.xPx - offset.xPx,
        truePlaces[to]!.yPx - truePlaces[from]!.yPx - offset.yPx,
      ) > WRONG_PX,
  )
  const off = (index: number, axis: 'xPx' | 'yPx') => solved[index]![axis] - truePlaces[index]![axis]
  const apartPx = (a: number, b: number) => Math.hypot(off(a, 'xPx') - off(b, 'xPx'), off(a, 'yPx') - off(b, 'yPx'))
  const isOff = (a: number, b: number) => apartPx(a, b) * pixelSizeUm > ONE_PLACE_UM
  // Something lies there, and has two places.
  const offSeams = stitches.filter(({ from, to, offset, unlike }) => (offset !== null || unlike) && isOff(from, to))
  const counts = (index: number) => !leftOut.has(index)
  const struck = faults.flatMap(({ strikes }, index) => (strikes ? [index] : []))
  const timesCounted = [...taken.values()].map((fields) => fields.filter(counts).length)
  return {
    pairs: stitches.length,
    matched: stitches.filter(({ offset }) => offset !== null).length,
    wronglyMatched: wrong.length,
    unlike: stitches.filter(({ unlike }) => unlike).length,
    errorPx: {
      stage: summary(stagePlaces, truePlaces),
      solved: summary(solved, truePlaces),
      wholePixels: summary(
        casebook.fields(runId).map((field) => ({ xPx: field.slideX, yPx: field.slideY })),
        truePlaces,
      ),
    },
    struck: struck.length,
    leftOut: {
      fields: leftOut.size,
      struck: struck.filter((index) => leftOut.has(index)).length,
      // Nothing that counts before them lies otherwise.
      needlessly: [...leftOut].filter((to) => !offSeams.some((seam) => seam.to === to && counts(seam.from))).length,
    },
    offSeams: {
      all: offSeams.length,
      counting: offSeams.filter(({ from, to }) => counts(from) && counts(to)).length,
    },
    cells: {
      seen: seen.size,
      twice: timesCounted.filter((times) => times > 1).length,
      lost: [...seen].filter((id) => !taken.has(id)).length,
      leftOut: timesCounted.filter((times) => times === 0).length,
      twiceWereAllToCount: [...taken.values()].filter((fields) => fields.length > 1).length,
    },
  }
}

/** Errors, less the shift that all have in common. */
function summary(places: readonly StagePlace[], truth: readonly StagePlace[]) {
  const off = (axis: 'xPx' | 'yPx') => places.map((place, i) => place[axis] - truth[i]![axis])
  const median = (list: readonly number[]) => list.toSorted((a, b) => a - b)[list.length >> 1]!
  const [x, y] = [off('xPx'), off('yPx')]
  const [mx, my] = [median(x), median(y)]
  const errors = x.map((each, i) => Math.hypot(each - mx, y[i]! - my)).sort((a, b) => a - b)
  const at = (share: number) => Number(errors[Math.ceil(share * errors.length) - 1]!.toFixed(2))
  return { median: at(0.5), p99: at(0.99), most: at(1) }
}
