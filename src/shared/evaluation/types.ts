import { CLASS_CODES, type ClassCode } from '../taxonomy.ts'
import { type MeanShare, meanOfShares, type Share, share } from './share.ts'

/** A cell of known class in a field of view; `predicted` null: the detector missed it. */
export interface KnownCell {
  readonly truth: ClassCode
  readonly predicted: ClassCode | null
}

export interface FoundAndNamed {
  readonly rule: string
  readonly moreThan: number
  readonly balancedAccuracy: MeanShare
  readonly classes: {
    class: ClassCode
    n: number
    missed: number
    recall: Share
    inMean: boolean
  }[]
}

/** Types with no more cells than this say little, and are left out of the mean. */
const MORE_THAN = 10
const RULE = `The mean over types with more than ${MORE_THAN} cells of the share found and named rightly; a cell that was not found counts as wrong.`

/** Detector and classifier together. */
export function foundAndNamed(cells: readonly KnownCell[]): FoundAndNamed {
  const classes = CLASS_CODES.flatMap((code) => {
    const own = cells.filter((cell) => cell.truth === code)
    if (own.length === 0) return []
    const right = own.filter((cell) => cell.predicted === code).length
    const missed = own.filter((cell) => cell.predicted === null).length
    const inMean = own.length > MORE_THAN
    return [{ class: code, n: own.length, missed, right, recall: share(right, own.length), inMean }]
  })
  const counted = classes.filter(({ inMean }) => inMean)
  return {
    rule: RULE,
    moreThan: MORE_THAN,
    balancedAccuracy: meanOfShares(counted.map(({ right, n }) => ({ successes: right, n }))),
    classes: classes.map(({ right, ...rest }) => rest),
  }
}
