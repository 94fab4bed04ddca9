import { CLASS_CODES, type ClassCode, cellClass } from '../taxonomy.ts'
import { type Calibration, calibrationOf } from './calibration.ts'
import { REFERENCE_MODEL, type ReferenceFigures } from './reference-model.ts'
import { type MeanShare, meanOfShares, type Share, share } from './share.ts'

/** A cell whose class is known, and what the model said of it. */
export interface JudgedCell {
  readonly truth: ClassCode
  readonly predicted: ClassCode
  /** Of the predicted class, 0-1. */
  readonly probability: number
  /** null: the model cannot tell. */
  readonly unfamiliarity: number | null
}

export interface ClassFigures {
  readonly class: ClassCode
  readonly n: number
  readonly precision: Share
  readonly recall: Share
  /** A neighbouring stage counts as right (`tolerant` in the taxonomy). */
  readonly tolerantPrecision: Share
  readonly tolerantRecall: Share
  /** The published reference network on the same class, other images. */
  readonly reference: ReferenceFigures
}

export interface ClassificationFigures {
  readonly n: number
  readonly accuracy: Share
  /** Mean strict recall of the classes that are there; null: no cell. */
  readonly balancedAccuracy: number | null
  readonly tolerantBalancedAccuracy: number | null
  /** The same two with their 95 % limits; see `MEAN_SHARE_METHOD`. */
  readonly meanRecall: MeanShare
  readonly tolerantMeanRecall: MeanShare
  /** Classes that are there, in the taxonomy's order. */
  readonly classes: readonly ClassFigures[]
  /** By true class, then predicted class: cells. */
  readonly confusion: Readonly<Partial<Record<ClassCode, Readonly<Partial<Record<ClassCode, number>>>>>>
  /** `calibration.error`. */
  readonly calibrationError: number | null
  readonly calibration: Calibration
}

function isTolerable(truth: ClassCode, predicted: ClassCode): boolean {
  return truth === predicted || cellClass(truth).tolerant.includes(predicted)
}

/** What a model's answers over labelled cells are worth. */
export function classificationFigures(cells: readonly JudgedCell[]): ClassificationFigures {
  const confusion: Partial<Record<ClassCode, Partial<Record<ClassCode, number>>>> = {}
  for (const { truth, predicted } of cells) {
    confusion[truth] ??= {}
    confusion[truth][predicted] = (confusion[truth][predicted] ?? 0) + 1
  }
  const count = (condition: (truth: ClassCode, predicted: ClassCode) => boolean): number => {
    let sum = 0
    for (const truth of CLASS_CODES) {
      for (const predicted of CLASS_CODES) {
        if (condition(truth, predicted)) sum += confusion[truth]?.[predicted] ?? 0
      }
    }
    return sum
  }
  const present = CLASS_CODES.filter((code) => confusion[code])
  const tallies = present.map((code) => ({
    class: code,
    n: count((truth) => truth === code),
    named: count((_, predicted) => predicted === code),
    right: count((truth, predicted) => truth === code && predicted === code),
    tolerable: count((truth, predicted) => truth === code && isTolerable(truth, predicted)),
    tolerablyNamed: count((truth, predicted) => predicted === code && isTolerable(truth, predicted)),
  }))
  const calibration = calibrationOf(
    cells.map(({ truth, predicted, probability }) => ({ probability, right: truth === predicted })),
  )
  const meanRecall = meanOfShares(tallies.map(({ right, n }) => ({ successes: right, n })))
  const tolerantMeanRecall = meanOfShares(tallies.map(({ tolerable, n }) => ({ successes: tolerable, n })))
  return {
    n: cells.length,
    accuracy: share(
      count((truth, predicted) => truth === predicted),
      cells.length,
    ),
    balancedAccuracy: meanRecall.value,
    tolerantBalancedAccuracy: tolerantMeanRecall.value,
    meanRecall,
    tolerantMeanRecall,
    classes: tallies.map(({ class: code, n, named, right, tolerable, tolerablyNamed }) => ({
      class: code,
      n,
      precision: share(right, named),
      recall: share(right, n),
      tolerantPrecision: share(tolerablyNamed, named),
      tolerantRecall: share(tolerable, n),
      reference: REFERENCE_MODEL[code],
    })),
    confusion,
    calibrationError: calibration.error,
    calibration,
  }
}
