import type { Differential, DifferentialRow } from '../contract/differential.ts'
import { CLASS_CODES, type ClassCode, TAXONOMY } from '../taxonomy.ts'
import { type Completion, throughConfusion, throughProbabilities } from './completions.ts'
import { type Draw, seededDraw } from './draw.ts'
import { exactInterval, exactRatioInterval, type Interval } from './interval.ts'
import type { KnownErrors } from './known-errors.ts'

/** A cell as the corrected differential sees it. */
export interface ReadCell {
  /** null: no model named it. */
  readonly named: ClassCode | null
  /** What a person said; null: nobody has. */
  readonly read: ClassCode | null
}

export interface CorrectionInput extends KnownErrors {
  readonly cells: readonly ReadCell[]
  /** What the model gave the cells that it named, in their order: n x classes. */
  readonly probabilities: Float32Array
  readonly classes: readonly ClassCode[]
}

/** Completions each way: more change the third digit of a limit. Of many cells fewer, so that no one waits: there the limits lie close anyway. */
const drawsFor = (cells: number): number => Math.round(Math.min(500, Math.max(200, 1e6 / cells)))
/** Any: the same for all, so that the same cells give the same numbers. */
const SEED = 20_261_123
const CONFIDENCE = 0.95

/**
 * The differential of what the cells are likely to be, given what the model is known to mistake for what.
 *
 * @param asNamed the same cells' differential as it stands; its counts stay, its percentages and limits are replaced.
 *
 * The estimate is the mean of the completions (`completions.ts`), those drawn through the confusion matrix and those drawn through the
 * probabilities in equal parts: either errs where the other does not, and where they differ the interval takes in both. The interval is the
 * exact (Clopper-Pearson) one, averaged over the completions: with a model that makes no mistake it is the exact interval itself.
 */
export function correctedDifferential(asNamed: Differential, input: CorrectionInput): Differential {
  const tried = CLASS_CODES.filter((code) => input.tried.has(code))
  const read = input.cells.filter((cell) => cell.read !== null).length
  const completions = completionsOf(input, tried)
  const random = seededDraw(SEED)
  const percent = (codes: readonly ClassCode[]) => {
    const counts = completions.map((completion) => sum(completion, codes))
    const share = shareOf(counts, totals, random)
    return share && { percent: 100 * share.value, low: 100 * share.low, high: 100 * share.high }
  }
  const totals = completions.map((completion) => sum(completion, COUNTED))
  const nothing = { percent: null, low: null, high: null }
  return {
    ...asNamed,
    rows: asNamed.rows.map((row): DifferentialRow => ({ ...row, ...(percent([row.class]) ?? nothing) })),
    erythroid: { ...asNamed.erythroid, ...(percent(side('erythroid')) ?? nothing) },
    meRatio: { ...asNamed.meRatio, ...ratioOf(completions, random) },
    correction: {
      problem: null,
      through: input.confusion ? ['confusion', 'probabilities'] : ['probabilities'],
      counted: mean(totals),
      read,
      uncorrected: TAXONOMY.filter(({ code }) => input.classes.includes(code) && !input.tried.has(code)).map(
        ({ code }) => code,
      ),
    },
  }
}

const COUNTED = TAXONOMY.filter((entry) => entry.counted).map((entry) => entry.code)
const side = (me: 'myeloid' | 'erythroid') => TAXONOMY.filter((entry) => entry.me === me).map((entry) => entry.code)
const placeOf = new Map(CLASS_CODES.map((code, place) => [code, place]))

/** Completions over all classes, in the order of CLASS_CODES. */
function completionsOf({ cells, probabilities, classes, confusion }: CorrectionInput, tried: readonly ClassCode[]) {
  /** Cells whose class is settled: a person read them, or the model was never tried on what it named them. */
  const settled = new Float64Array(CLASS_CODES.length)
  const among = new Map(tried.map((code, place) => [code, place]))
  const columns = tried.map((code) => classes.indexOf(code))
  const named = new Float64Array(tried.length)
  const fits: number[] = []
  let row = 0
  for (const cell of cells) {
    const start = cell.named === null ? null : classes.length * row++
    const place = cell.named === null ? undefined : among.get(cell.named)
    const known = cell.read ?? (place === undefined ? cell.named : null)
    if (known !== null) settled[placeOf.get(known)!]++
    else if (place !== undefined && start !== null) {
      named[place]++
      for (const column of columns) fits.push(probabilities[start + column])
    }
  }
  const random = seededDraw(SEED)
  const draws = drawsFor(cells.length)
  const read = Float64Array.from(tried, (code) => settled[placeOf.get(code)!])
  const ways: Completion[][] = [
    throughProbabilities({ probabilities: Float32Array.from(fits), read }, { draws, random }),
  ]
  if (confusion) {
    const rows = tried.map((code) => Float64Array.from(tried, (other) => confusion[code]?.[other] ?? 0))
    ways.push(throughConfusion({ named, read, confusion: rows }, { draws, random }))
  }
  return ways.flat().map((completion) => {
    const all = Float64Array.from(settled)
    for (const [i, code] of tried.entries()) all[placeOf.get(code)!] = completion[i]
    return all
  })
}

function sum(completion: Completion, codes: readonly ClassCode[]): number {
  return codes.reduce((total, code) => total + completion[placeOf.get(code)!], 0)
}

function mean(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length
}

/** null: nothing is counted. */
function shareOf(
  counts: readonly number[],
  totals: readonly number[],
  random: Draw,
): (Interval & { readonly value: number }) | null {
  const total = mean(totals)
  return total === 0 ? null : { value: mean(counts) / total, ...exactOverCompletions(counts, totals, random) }
}

/** The limits of Clopper and Pearson are beta quantiles: those of k of n, drawn for each completion, make the mixture whose quantiles these are. */
function exactOverCompletions(counts: readonly number[], totals: readonly number[], random: Draw): Interval {
  if (counts.every((count, i) => count === counts[0] && totals[i] === totals[0]))
    return exactInterval(counts[0], totals[0], CONFIDENCE)
  const low = counts.map((count, i) => (count === 0 ? 0 : random.beta(count, totals[i] - count + 1)))
  const high = counts.map((count, i) => (count === totals[i] ? 1 : random.beta(count + 1, totals[i] - count)))
  return { low: quantile(low, (1 - CONFIDENCE) / 2), high: quantile(high, (1 + CONFIDENCE) / 2) }
}

/** Between the two values next to it, as far as it lies from each. */
function quantile(values: number[], share: number): number {
  values.sort((a, b) => a - b)
  const at = share * (values.length - 1)
  const below = Math.floor(at)
  const next = values[Math.min(below + 1, values.length - 1)]
  return values[below] + (at - below) * (next - values[below])
}

/** `exactRatioInterval` over completions. */
function ratioOf(completions: readonly Completion[], random: Draw) {
  const myeloid = completions.map((completion) => sum(completion, side('myeloid')))
  const erythroid = completions.map((completion) => sum(completion, side('erythroid')))
  const both = myeloid.map((cells, i) => cells + erythroid[i])
  if (both.every((cells) => cells === 0)) return { value: null, ...exactRatioInterval(0, 0) }
  const { low, high } = exactOverCompletions(myeloid, both, random)
  return {
    value: mean(erythroid) === 0 ? null : mean(myeloid) / mean(erythroid),
    low: low / (1 - low),
    high: high === 1 ? null : high / (1 - high),
  }
}
