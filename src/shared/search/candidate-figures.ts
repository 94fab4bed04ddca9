import type { CandidateFigures } from '../contract/models.ts'
import type { ClassCode } from '../taxonomy.ts'

/** Probabilities of a class that a search may ask for, falling. */
export const ASKED_PROBABILITIES = [0.5, 0.3, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001] as const

/** An image whose class is known, and what a model gave it. */
export interface ProbableImage {
  readonly truth: ClassCode
  /** By class of the model, in its order. */
  readonly probabilities: Float32Array
}

/** Of each class that has images: how many of them, and of the others, have at least which probability of it. */
export function candidateFigures(
  images: readonly ProbableImage[],
  classes: readonly ClassCode[],
): Partial<Record<ClassCode, CandidateFigures>> {
  const figures: Partial<Record<ClassCode, CandidateFigures>> = {}
  for (const [column, code] of classes.entries()) {
    const own = images.filter((image) => image.truth === code)
    if (own.length === 0) continue
    const others = images.filter((image) => image.truth !== code)
    const reach = (among: readonly ProbableImage[], atLeast: number) =>
      among.filter((image) => image.probabilities[column] >= atLeast).length
    const table = ASKED_PROBABILITIES.map((atLeast) => ({
      atLeast,
      hits: reach(own, atLeast),
      others: reach(others, atLeast),
    }))
    // Once every image is found, asking for less finds others only.
    const all = table.findIndex((entry) => entry.hits === own.length)
    figures[code] = {
      of: own.length,
      othersOf: others.length,
      table: all < 0 ? table : table.slice(0, all + 1),
    }
  }
  return figures
}
