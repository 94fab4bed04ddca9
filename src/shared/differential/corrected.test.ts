import { describe, expect, it } from 'vitest'
import type { ConfusionCounts } from '../contract/models.ts'
import type { ClassCode } from '../taxonomy.ts'
import { type CorrectionInput, correctedDifferential, type ReadCell } from './corrected.ts'
import { differentialOf } from './differential.ts'
import { seededDraw } from './draw.ts'
import { exactInterval } from './interval.ts'

const CLASSES = ['BLA', 'PMO', 'NGS', 'EBO', 'LYT', 'NIF'] as const satisfies readonly ClassCode[]
type Code = (typeof CLASSES)[number]

/** Of each class (row), the share the model names so (column). */
const RATES: Readonly<Record<Code, readonly number[]>> = {
  BLA: [0.75, 0.1, 0, 0.02, 0.1, 0.03],
  PMO: [0.08, 0.85, 0.03, 0, 0, 0.04],
  NGS: [0, 0.01, 0.95, 0, 0.02, 0.02],
  EBO: [0.01, 0, 0, 0.95, 0.04, 0],
  LYT: [0.04, 0, 0, 0.04, 0.9, 0.02],
  NIF: [0.05, 0.05, 0.1, 0.05, 0.2, 0.55],
}
const SHARES: Readonly<Record<Code, number>> = { BLA: 0.4, PMO: 0.1, NGS: 0.15, EBO: 0.15, LYT: 0.15, NIF: 0.05 }

const asNamed = (cells: readonly ReadCell[]) => {
  const counts = new Map<ClassCode | '', number>()
  for (const cell of cells) {
    const code = cell.read ?? cell.named ?? ''
    counts.set(code, (counts.get(code) ?? 0) + 1)
  }
  const relabelled = cells.filter((cell) => cell.read).length
  return differentialOf({
    runId: 1,
    view: 'corrected',
    targetCells: null,
    counts,
    relabelled,
    evidence: () => 'real',
    doubt: { unsure: null, atOtherRates: [], unfamiliar: null },
    leftOut: { fields: 0, cells: 0 },
  })
}

const correct = (cells: readonly ReadCell[], input: Omit<CorrectionInput, 'cells'>) =>
  correctedDifferential(asNamed(cells), { cells, ...input })

/** A model's probabilities for a cell it named so, where it knows its own mistakes on equally many cells of each class. */
function knowing(rates: Readonly<Record<Code, readonly number[]>>, named: number): number[] {
  const column = CLASSES.map((code) => rates[code][named])
  const total = column.reduce((sum, value) => sum + value, 0)
  return column.map((value) => value / total)
}

/** Cells of a smear with these shares, as the model names them; and validation images of each class, as it named those. */
function simulate(seed: number, cells: number, imagesEach: number) {
  const draw = seededDraw(seed)
  const shares = Float64Array.from(CLASSES, (code) => SHARES[code])
  const truth: Code[] = []
  const named: ReadCell[] = []
  const places: number[] = []
  for (let i = 0; i < cells; i++) {
    const code = CLASSES[draw.place(shares, 1)]
    const place = draw.place(Float64Array.from(RATES[code]), 1)
    truth.push(code)
    places.push(place)
    named.push({ named: CLASSES[place], read: null })
  }
  const confusion: Record<string, Record<string, number>> = {}
  for (const code of CLASSES) {
    confusion[code] = {}
    for (let i = 0; i < imagesEach; i++) {
      const other = CLASSES[draw.place(Float64Array.from(RATES[code]), 1)]
      confusion[code][other] = (confusion[code][other] ?? 0) + 1
    }
  }
  const measured = Object.fromEntries(
    CLASSES.map((code) => [code, CLASSES.map((other) => (confusion[code][other] ?? 0) / imagesEach + 0.002)]),
  ) as unknown as Record<Code, number[]>
  const probabilities = Float32Array.from(places.flatMap((place) => knowing(measured, place)))
  const input = { probabilities, classes: CLASSES, tried: new Set(CLASSES), confusion: confusion as ConfusionCounts }
  return { truth, cells: named, input }
}

/** By class, percent of the counted ones. */
const sharesOf = (truth: readonly Code[]) => {
  const counted = truth.filter((code) => code !== 'NIF').length
  return (code: ClassCode) => (100 * truth.filter((other) => other === code).length) / counted
}

type Rows = readonly { class: ClassCode; percent: number | null }[]
const errorOf = (rows: Rows, truth: readonly Code[]) => {
  const share = sharesOf(truth)
  return rows.reduce((sum, row) => sum + Math.abs(row.percent! - share(row.class)), 0)
}

/** Sum over several smears, so that no single draw of luck decides. */
const over = (smears: number, error: (smear: ReturnType<typeof simulate>) => number) =>
  Array.from({ length: smears }, (_, i) => error(simulate(100 + i, 500, 120))).reduce((sum, value) => sum + value, 0)

describe('correctedDifferential', () => {
  it('holds the truth as often as it says, and lies nearer to it than the count as named', () => {
    let [pairs, inside, error, asNamedError] = [0, 0, 0, 0]
    for (let seed = 1; seed <= 30; seed++) {
      const { truth, cells, input } = simulate(seed, 500, 120)
      const corrected = correct(cells, input)
      error += errorOf(corrected.rows, truth)
      asNamedError += errorOf(asNamed(cells).rows, truth)
      for (const row of corrected.rows) {
        const generating = (100 * (SHARES[row.class as Code] ?? 0)) / (1 - SHARES.NIF)
        if (generating === 0) continue
        pairs++
        if (row.low! <= generating && generating <= row.high!) inside++
      }
    }
    expect(inside / pairs).toBeGreaterThan(0.93)
    expect(error).toBeLessThan(0.6 * asNamedError)
  })

  it('gives the same numbers for the same cells', () => {
    const { cells, input } = simulate(3, 200, 30)
    expect(correct(cells, input)).toEqual(correct(cells, input))
  })

  it('takes few validation images for little: the fewer there are the wider the interval', () => {
    const width = (images: number) => {
      const { cells, input } = simulate(5, 500, images)
      const row = correct(cells, input).rows.find((entry) => entry.class === 'BLA')!
      return row.high! - row.low!
    }
    expect(width(15)).toBeGreaterThan(1.3 * width(2000))
  })

  it('is the exact interval of the count where the model makes no mistake', () => {
    const cells: ReadCell[] = [
      ...Array.from({ length: 90 }, () => ({ named: 'NGS' as const, read: null })),
      ...Array.from({ length: 10 }, () => ({ named: 'BLA' as const, read: null })),
    ]
    const one = (code: Code) => CLASSES.map((other) => (other === code ? 1 : 0))
    const right = Object.fromEntries(CLASSES.map((code) => [code, { [code]: 1e6 }]))
    const { rows, correction } = correct(cells, {
      classes: CLASSES,
      tried: new Set(CLASSES),
      probabilities: Float32Array.from(cells.flatMap((cell) => one(cell.named as Code))),
      confusion: right,
    })
    const blasts = rows.find((row) => row.class === 'BLA')!
    const exact = exactInterval(10, 100)
    expect(blasts.percent).toBeCloseTo(10, 1)
    expect(blasts.low).toBeCloseTo(100 * exact.low, 0)
    expect(blasts.high).toBeCloseTo(100 * exact.high, 0)
    expect(correction).toEqual({
      problem: null,
      through: ['confusion', 'probabilities'],
      counted: 100,
      read: 0,
      uncorrected: [],
    })
  })

  it('brings counted cells back that were named not identifiable, and counts none as zero for sure', () => {
    const { cells, input } = simulate(8, 500, 60)
    const corrected = correct(cells, input)
    expect(corrected.correction!.counted).toBeGreaterThan(corrected.counted)
    expect(corrected.rows.reduce((sum, row) => sum + row.percent!, 0)).toBeCloseTo(100, 6)
    const faggot = corrected.rows.find((row) => row.class === 'FGC')!
    expect(faggot).toMatchObject({ count: 0, percent: 0, low: 0 })
    expect(faggot.high).toBeGreaterThan(0.5)
  })

  it('leaves what a person read as that person said; all read: the exact intervals', () => {
    const { truth, cells, input } = simulate(4, 300, 30)
    const read = cells.map((cell, i): ReadCell => ({ ...cell, read: truth[i] }))
    const corrected = correct(read, input)
    const exact = asNamed(read)
    for (const [i, row] of corrected.rows.entries()) {
      expect(row.percent).toBeCloseTo(exact.rows[i].percent!, 9)
      expect(row.low).toBeCloseTo(exact.rows[i].low!, 9)
      expect(row.high).toBeCloseTo(exact.rows[i].high!, 9)
    }
    expect(corrected.erythroid.low).toBeCloseTo(exact.erythroid.low!, 9)
    expect(corrected.meRatio.value).toBeCloseTo(exact.meRatio.value!, 9)
    expect(corrected.meRatio.high).toBeCloseTo(exact.meRatio.high!, 9)
    expect(corrected.correction).toMatchObject({ counted: exact.counted, read: 300 })
  })

  it('comes nearer the truth where doubtful cells are read', () => {
    const doubtful = new Set<ClassCode | null>(['BLA', 'NIF'])
    const reading = ({ truth, cells }: ReturnType<typeof simulate>) =>
      cells.map((cell, i): ReadCell => ({ ...cell, read: doubtful.has(cell.named) ? truth[i] : null }))
    const after = over(8, (smear) => errorOf(correct(reading(smear), smear.input).rows, smear.truth))
    const before = over(8, (smear) => errorOf(correct(smear.cells, smear.input).rows, smear.truth))
    const reviewed = over(8, (smear) => errorOf(asNamed(reading(smear)).rows, smear.truth))
    expect(after).toBeLessThan(before)
    expect(after).toBeLessThan(reviewed)
  })

  it('leaves a class as named that the model was never tried on, and says so', () => {
    const { cells, input } = simulate(6, 400, 40)
    const tried = new Set<ClassCode>(CLASSES.filter((code) => code !== 'PMO'))
    const { PMO: _, ...confusion } = input.confusion
    const corrected = correct(cells, { ...input, tried, confusion })
    expect(corrected.correction!.uncorrected).toEqual(['PMO'])
    const named = cells.filter((cell) => cell.named === 'PMO').length
    const row = corrected.rows.find((entry) => entry.class === 'PMO')!
    expect((row.percent! * corrected.correction!.counted!) / 100).toBeCloseTo(named, 6)
    expect(row.low).toBeLessThan(row.percent!)
  })

  it('goes by the probabilities alone where no matrix fits the images', () => {
    const { cells, input } = simulate(7, 500, 60)
    expect(correct(cells, { ...input, confusion: null }).correction!.through).toEqual(['probabilities'])
    const alone = over(8, (smear) =>
      errorOf(correct(smear.cells, { ...smear.input, confusion: null }).rows, smear.truth),
    )
    expect(alone).toBeLessThan(over(8, (smear) => errorOf(asNamed(smear.cells).rows, smear.truth)))
  })

  it('says nothing of no cell, and leaves cells out that no model named and nobody read', () => {
    const empty = { classes: CLASSES, tried: new Set(CLASSES), probabilities: new Float32Array(0), confusion: null }
    const none = correct([], empty)
    expect(none.rows.every((row) => row.percent === null && row.low === null)).toBe(true)
    expect(none.meRatio).toMatchObject({ value: null, low: null, high: null })
    const unnamed = correct(
      [
        { named: null, read: null },
        { named: null, read: 'BLA' },
      ],
      empty,
    )
    expect(unnamed.correction).toMatchObject({ counted: 1, read: 1 })
    expect(unnamed.rows.find((row) => row.class === 'BLA')!.percent).toBe(100)
  })
})
