import { exactInterval } from '../differential/interval.ts'
import { CLASS_CODES, type ClassCode, cellClass } from '../taxonomy.ts'
import { REFERENCE_MODEL, type ReferenceFigures } from './reference-model.ts'

/** A cell whose class is known, and what the model said of it. */
export interface JudgedCell {
  readonly truth: ClassCode
  readonly predicted: ClassCode
  /** Of the predicted class, 0-1. */
  readonly probability: number
}

/** A share 0-1 of `n` with its exact 95 % interval; value null: n is 0. */
export interface Share {
  readonly value: number | null
  readonly low: number
  readonly high: number
  readonly n: number
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
  /** Classes that are there, in the taxonomy's order. */
  readonly classes: readonly ClassFigures[]
  /** By true class, then predicted class: cells. */
  readonly confusion: Readonly<Partial<Record<ClassCode, Readonly<Partial<Record<ClassCode, number>>>>>>
  /** Expected calibration error over ten equal bins of probability (Guo et al. 2017, arXiv 1706.04599); null: no cell. */
  readonly calibrationError: number | null
}

const CALIBRATION_BINS = 10

function share(successes: number, n: number): Share {
  return { value: n === 0 ? null : successes / n, ...exactInterval(successes, n), n }
}

function isTolerable(truth: ClassCode, predicted: ClassCode): boolean {
  return truth === predicted || cellClass(truth).tolerant.includes(predicted)
}

function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length
}

/** What a model's answers over labelled cells are worth. */
export function classificationFigures(cells: readonly JudgedCell[]): ClassificationFigures {
  const present = CLASS_CODES.filter((code) => cells.some((cell) => cell.truth === code))
  const count = (condition: (cell: JudgedCell) => boolean) =>
    cells.reduce((sum, cell) => sum + (condition(cell) ? 1 : 0), 0)
  const classes = present.map((code): ClassFigures => {
    const n = count((cell) => cell.truth === code)
    const named = count((cell) => cell.predicted === code)
    const right = count((cell) => cell.truth === code && cell.predicted === code)
    return {
      class: code,
      n,
      precision: share(right, named),
      recall: share(right, n),
      tolerantPrecision: share(
        count((cell) => cell.predicted === code && isTolerable(cell.truth, cell.predicted)),
        named,
      ),
      tolerantRecall: share(
        count((cell) => cell.truth === code && isTolerable(cell.truth, cell.predicted)),
        n,
      ),
      reference: REFERENCE_MODEL[code],
    }
  })
  const confusion: Partial<Record<ClassCode, Partial<Record<ClassCode, number>>>> = {}
  for (const { truth, predicted } of cells) {
    confusion[truth] ??= {}
    confusion[truth][predicted] = (confusion[truth][predicted] ?? 0) + 1
  }
  return {
    n: cells.length,
    accuracy: share(
      count((cell) => cell.truth === cell.predicted),
      cells.length,
    ),
    balancedAccuracy: mean(classes.map((figures) => figures.recall.value)),
    tolerantBalancedAccuracy: mean(classes.map((figures) => figures.tolerantRecall.value)),
    classes,
    confusion,
    calibrationError: calibrationError(cells),
  }
}

function calibrationError(cells: readonly JudgedCell[]): number | null {
  if (cells.length === 0) return null
  const bins = Array.from({ length: CALIBRATION_BINS }, () => ({ n: 0, right: 0, probability: 0 }))
  for (const { truth, predicted, probability } of cells) {
    const bin = bins[Math.min(CALIBRATION_BINS - 1, Math.floor(probability * CALIBRATION_BINS))]
    bin.n++
    bin.probability += probability
    if (truth === predicted) bin.right++
  }
  return bins.reduce((sum, bin) => sum + Math.abs(bin.right - bin.probability), 0) / cells.length
}
