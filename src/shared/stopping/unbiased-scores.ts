import { CLASS_CODES, type ClassCode } from '../taxonomy.ts'
import { OBSERVATIONS } from './cell-tally.ts'
import type { Rates } from './plausible-rates.ts'

const CLASSES = CLASS_CODES.length
/** Below this a pivot is rounding: no scores tell the classes apart. */
const SINGULAR = 1e-9

export interface ScoresInput {
  readonly rates: Rates
  /** Classes the model was tried on; of the others, names are settled. */
  readonly tried: ReadonlySet<ClassCode>
  /** By name: the share of the cells that a person read, 0-1. */
  readonly readShare: Float64Array
  /** How frequent each observation is expected to be, above 0: where there is a choice, frequent ones get small scores. */
  readonly frequency: Float64Array
}

/**
 * Scores of the observations (`CellTally`) whose expectation over what the model may name a cell, and over whether a person reads it, is `worth`
 * of the cell's class, whatever that is: so the mean score of cells estimates the mean worth of what they truly are, without a bias from the
 * model's mistakes and without knowing the shares of the classes. Null: the model does not tell the classes apart.
 *
 * With nothing read this is the inverse of the confusion matrix. With reading there are many such scores; these have the least variance. It is
 * assumed that of the cells of one name any is as likely to be read as another.
 *
 * @param worths by class, several at once.
 */
export function unbiasedScores(input: ScoresInput, worths: readonly Float64Array[]): Float64Array[] | null {
  const design = designOf(input)
  // x = D^-1 A' (A D^-1 A')^-1 g: least x' D x with A x = g.
  const normal = Array.from({ length: CLASSES }, () => new Float64Array(CLASSES))
  for (let o = 0; o < OBSERVATIONS; o++) {
    const weight = 1 / input.frequency[o]
    for (let i = 0; i < CLASSES; i++) {
      const left = design[i][o] * weight
      if (left === 0) continue
      for (let j = 0; j <= i; j++) normal[i][j] += left * design[j][o]
    }
  }
  if (!factor(normal)) return null
  return worths.map((worth) => {
    const multiplier = solve(normal, worth)
    return Float64Array.from({ length: OBSERVATIONS }, (_, o) => {
      let score = 0
      for (let i = 0; i < CLASSES; i++) score += design[i][o] * multiplier[i]
      return score / input.frequency[o]
    })
  })
}

/** design[i][o]: how likely a cell of class i is observed as o. */
function designOf({ rates, tried, readShare }: ScoresInput): Float64Array[] {
  return CLASS_CODES.map((code, i) => {
    const row = new Float64Array(OBSERVATIONS)
    if (!tried.has(code)) {
      row[CLASSES + i] = 1
      return row
    }
    for (let n = 0; n < CLASSES; n++) {
      row[n] = rates[i][n] * (1 - readShare[n])
      row[CLASSES + i] += rates[i][n] * readShare[n]
    }
    return row
  })
}

/** Which observations can be made at all. */
export function possible(input: ScoresInput): boolean[] {
  const design = designOf(input)
  return Array.from({ length: OBSERVATIONS }, (_, o) => design.some((row) => row[o] > 0))
}

/** Cholesky, in place, lower triangle. False: singular. */
function factor(matrix: Float64Array[]): boolean {
  for (let i = 0; i < CLASSES; i++) {
    const scale = matrix[i][i]
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i][j]
      for (let k = 0; k < j; k++) sum -= matrix[i][k] * matrix[j][k]
      if (i !== j) matrix[i][j] = sum / matrix[j][j]
      else if (sum <= SINGULAR * scale) return false
      else matrix[i][i] = Math.sqrt(sum)
    }
  }
  return true
}

function solve(lower: readonly Float64Array[], right: Float64Array): Float64Array {
  const x = Float64Array.from(right)
  for (let i = 0; i < CLASSES; i++) {
    for (let k = 0; k < i; k++) x[i] -= lower[i][k] * x[k]
    x[i] /= lower[i][i]
  }
  for (let i = CLASSES - 1; i >= 0; i--) {
    for (let k = i + 1; k < CLASSES; k++) x[i] -= lower[k][i] * x[k]
    x[i] /= lower[i][i]
  }
  return x
}
