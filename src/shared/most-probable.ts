import type { ClassCode } from './taxonomy.ts'

export interface NamedCell {
  readonly class: ClassCode
  /** Of that class, 0-1. */
  readonly probability: number
}

/** The most probable class of one row of probabilities (n x classes); the first of those that are equal. */
export function mostProbable(probabilities: Float32Array, classes: readonly ClassCode[], row = 0): NamedCell {
  const start = row * classes.length
  let best = 0
  for (let i = 1; i < classes.length; i++) if (probabilities[start + i] > probabilities[start + best]) best = i
  return { class: classes[best], probability: probabilities[start + best] }
}
