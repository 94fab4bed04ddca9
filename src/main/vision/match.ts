import type { Detection } from './analysis.ts'

/** A cell known to be there; pixels of its image. Truth that names only a place has no size. */
export interface TruthBox {
  readonly xPx: number
  readonly yPx: number
  readonly widthPx?: number
  readonly heightPx?: number
}

/** `radius`: centres within so many pixels. `box`: the detection's centre inside the truth's box. */
export type MatchRule = { readonly kind: 'radius'; readonly radiusPx: number } | { readonly kind: 'box' }

export interface MatchResult {
  /** Indices into truth and detections, one to one, nearest pairs first. */
  readonly pairs: readonly { readonly truth: number; readonly detection: number }[]
  readonly truePositives: number
  /** Indices of truth nobody found. */
  readonly missed: readonly number[]
  /** Indices of detections where no cell is. */
  readonly extra: readonly number[]
  /** Intersection over union of the boxes, in the order of `pairs`; empty where the truth has no sizes. */
  readonly ious: readonly number[]
}

/** Pairs truth with detections one to one: as many pairs as the rule allows, and the nearer ones where there is a choice. */
export function matchDetections(
  truth: readonly TruthBox[],
  detections: readonly Detection[],
  rule: MatchRule,
): MatchResult {
  const candidates = truth.map((cell) =>
    detections
      .map((detection, index) => ({ index, distance: Math.hypot(detection.xPx - cell.xPx, detection.yPx - cell.yPx) }))
      .filter(({ index, distance }) =>
        rule.kind === 'radius' ? distance <= rule.radiusPx : isInside(detections[index], cell),
      )
      .sort((a, b) => a.distance - b.distance || a.index - b.index),
  )
  const order = truth.map((_, i) => i).sort((a, b) => nearest(candidates[a]) - nearest(candidates[b]) || a - b)
  const takenBy = new Array<number>(detections.length).fill(-1)
  // Augmenting paths (Kuhn): a later cell may move an earlier one to its next choice, never unmatch it.
  const claim = (cell: number, asked: Set<number>): boolean => {
    for (const { index } of candidates[cell]) {
      if (asked.has(index)) continue
      asked.add(index)
      if (takenBy[index] < 0 || claim(takenBy[index], asked)) {
        takenBy[index] = cell
        return true
      }
    }
    return false
  }
  for (const cell of order) claim(cell, new Set())
  const pairs = takenBy
    .map((cell, detection) => ({ truth: cell, detection }))
    .filter((pair) => pair.truth >= 0)
    .sort((a, b) => a.truth - b.truth)
  const found = new Set(pairs.map((pair) => pair.truth))
  const ious: number[] = []
  for (const pair of pairs) {
    const iou = intersectionOverUnion(truth[pair.truth], detections[pair.detection])
    if (iou !== null) ious.push(iou)
  }
  return {
    pairs,
    truePositives: pairs.length,
    missed: truth.map((_, i) => i).filter((i) => !found.has(i)),
    extra: takenBy.map((_, i) => i).filter((i) => takenBy[i] < 0),
    ious,
  }
}

function nearest(candidates: readonly { readonly distance: number }[]): number {
  return candidates[0]?.distance ?? Number.MAX_VALUE
}

function isInside(point: { readonly xPx: number; readonly yPx: number }, box: TruthBox): boolean {
  const { widthPx = 0, heightPx = 0 } = box
  return Math.abs(point.xPx - box.xPx) <= widthPx / 2 && Math.abs(point.yPx - box.yPx) <= heightPx / 2
}

/** Null where the truth has no size. */
export function intersectionOverUnion(a: TruthBox, b: Detection): number | null {
  const { widthPx, heightPx } = a
  if (widthPx === undefined || heightPx === undefined) return null
  const overlap = (centreA: number, sizeA: number, centreB: number, sizeB: number): number =>
    Math.max(0, Math.min(centreA + sizeA / 2, centreB + sizeB / 2) - Math.max(centreA - sizeA / 2, centreB - sizeB / 2))
  const shared = overlap(a.xPx, widthPx, b.xPx, b.widthPx) * overlap(a.yPx, heightPx, b.yPx, b.heightPx)
  return shared / (widthPx * heightPx + b.widthPx * b.heightPx - shared)
}
