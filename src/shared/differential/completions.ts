/**
 * What a run's cells truly are, drawn many times over from what is known: the statistics under the corrected differential
 * (`corrected.ts`). A completion is one such draw: how many of the cells are of each class.
 *
 * Two ways, both by Gibbs sampling: draw each cell's class given the shares of the classes, then the shares given the classes.
 *
 * - `throughConfusion` knows of a cell only what the model named it, and how often the model named each class what on validation
 *   images. These rates are drawn too, so that few validation images make for wide draws. It holds where the run's images are like
 *   the validation images.
 * - `throughProbabilities` knows the probabilities the model gave each cell, which hold where every class is as frequent as any other,
 *   and reweighs them to the run's own shares (Saerens, Latinne and Decaestecker 2002, Neural Computation 14:21, with draws in place of
 *   means). It sees which cells are doubtful, also where the images are unlike the validation images, and trusts the model's calibration.
 */
import type { Draw } from './draw.ts'

/** Cells by class, in the order of an agreed list of classes. */
export type Completion = Float64Array

export interface Completing {
  /** Completions to give; a quarter as many are drawn before and thrown away. */
  readonly draws: number
  readonly random: Draw
}

/** Prior of the shares: half a cell of each class (Jeffreys). */
const SHARE_PRIOR = 0.5
/** Prior of a class's rates: half an image in all, spread evenly over what it may be named. */
export const RATE_PRIOR_IMAGES = 0.5
const BURN_IN = 0.25
/** Rounds that one draw of the rates serves: they take most of the time. */
const RATE_ROUNDS = 5

export interface NamedCounts {
  /** Cells nobody read, by the class the model named. */
  readonly named: Float64Array
  /** Cells a person read, by their class. */
  readonly read: Float64Array
  /** Validation images: confusion[i][j] of class i were named j. Every class has some. */
  readonly confusion: readonly Float64Array[]
}

/**
 * The rates are those of the validation images alone; what the run's own cells would say of them is left aside (a cut posterior, Plummer 2015,
 * Statistics and Computing 25:37). People read doubtful cells first, or all of one name, and rates learned from such cells, or from what they
 * leave, would be wrong for the others. Without any cell read it is the more accurate way too.
 */
export function throughConfusion({ named, read, confusion }: NamedCounts, { draws, random }: Completing): Completion[] {
  const classes = named.length
  const shares = new Float64Array(classes)
  const shapes = new Float64Array(classes)
  const rateShapes = confusion.map((row) => row.map((images) => images + RATE_PRIOR_IMAGES / classes))
  const rates = confusion.map(() => new Float64Array(classes))
  const weights = new Float64Array(classes)
  const completions: Completion[] = []
  const burnIn = Math.ceil(draws * BURN_IN)
  let completion = named.map((cells, i) => cells + read[i])
  for (let round = -burnIn; round < draws; round++) {
    if ((round + burnIn) % RATE_ROUNDS === 0) {
      for (const [i, row] of rateShapes.entries()) random.dirichlet(row, rates[i])
    }
    for (let i = 0; i < classes; i++) shapes[i] = completion[i] + SHARE_PRIOR
    random.dirichlet(shapes, shares)
    completion = Float64Array.from(read)
    for (let j = 0; j < classes; j++) {
      let total = 0
      for (let i = 0; i < classes; i++) {
        weights[i] = shares[i] * rates[i][j]
        total += weights[i]
      }
      for (let cell = 0; cell < named[j]; cell++) completion[total > 0 ? random.place(weights, total) : j]++
    }
    if (round >= 0) completions.push(completion)
  }
  return completions
}

export interface ProbableCells {
  /** Cells nobody read, n x classes: how well each fits each class, the probabilities the model gave. */
  readonly probabilities: Float32Array
  /** Cells a person read, by their class. */
  readonly read: Float64Array
}

/** Less than this share of a cell's probability is left out: with it, thousands of cells are gone through in a moment. */
const NEGLIGIBLE = 1e-4

export function throughProbabilities(cells: ProbableCells, { draws, random }: Completing): Completion[] {
  const { read } = cells
  const classes = read.length
  const n = cells.probabilities.length / classes
  const { start, place, fit } = likely(cells.probabilities, classes)
  const shares = new Float64Array(classes).fill(1 / classes)
  const shapes = new Float64Array(classes)
  const completions: Completion[] = []
  const burnIn = Math.ceil(draws * BURN_IN)
  for (let round = -burnIn; round < draws; round++) {
    const completion = Float64Array.from(read)
    for (let cell = 0; cell < n; cell++) {
      const end = start[cell + 1]
      let total = 0
      for (let at = start[cell]; at < end; at++) total += fit[at] * shares[place[at]]
      let left = random.uniform() * total
      let at = start[cell]
      for (; at < end - 1; at++) {
        left -= fit[at] * shares[place[at]]
        if (left < 0) break
      }
      completion[place[at]]++
    }
    for (let i = 0; i < classes; i++) shapes[i] = completion[i] + SHARE_PRIOR
    random.dirichlet(shapes, shares)
    if (round >= 0) completions.push(completion)
  }
  return completions
}

/** The classes worth a thought, cell after cell: those of cell c lie at [start[c], start[c + 1]). A cell's best class is always among them. */
function likely(probabilities: Float32Array, classes: number) {
  const n = probabilities.length / classes
  const start = new Uint32Array(n + 1)
  const place: number[] = []
  const fit: number[] = []
  for (let cell = 0; cell < n; cell++) {
    const row = probabilities.subarray(cell * classes, (cell + 1) * classes)
    const least = Math.max(...row) * NEGLIGIBLE
    for (let i = 0; i < classes; i++) {
      if (row[i] < least) continue
      place.push(i)
      fit.push(row[i])
    }
    start[cell + 1] = place.length
  }
  return { start, place: Uint8Array.from(place), fit: Float32Array.from(fit) }
}
