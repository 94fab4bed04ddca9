import { describe, expect, it } from 'vitest'
import type { ConfusionCounts } from '../contract/models.ts'
import { seededDraw } from '../differential/draw.ts'
import { exactInterval } from '../differential/interval.ts'
import { CLASS_CODES, type ClassCode } from '../taxonomy.ts'
import { tallyOf } from './cell-tally.ts'
import { moreNeeded } from './more-needed.ts'
import { plausibleRates } from './plausible-rates.ts'
import { Separation } from './separation.ts'

const CLASSES = ['BLA', 'NGS', 'EBO', 'NIF'] as const satisfies readonly ClassCode[]
type Code = (typeof CLASSES)[number]
const TRIED: ReadonlySet<ClassCode> = new Set(CLASSES)

/** Of each class (row), the share the model names so. */
const RATES: Readonly<Record<Code, readonly number[]>> = {
  BLA: [0.7, 0.1, 0.1, 0.1],
  NGS: [0.02, 0.94, 0.02, 0.02],
  EBO: [0.03, 0.01, 0.95, 0.01],
  NIF: [0.1, 0.2, 0.1, 0.6],
}
const confusionOf = (images: number): ConfusionCounts =>
  Object.fromEntries(
    CLASSES.map((code) => [
      code,
      Object.fromEntries(CLASSES.map((other, j) => [other, Math.round(images * RATES[code][j])])),
    ]),
  )
const separationOf = (images: number) =>
  new Separation(['BLA'], plausibleRates({ tried: TRIED, confusion: confusionOf(images) }), TRIED)

/** As the model names a smear on the whole. */
function named(cells: number, shares: Readonly<Record<Code, number>>) {
  return CLASSES.map((other, j) => ({
    named: other,
    read: null,
    cells: cells * CLASSES.reduce((sum, code) => sum + shares[code] * RATES[code][j], 0),
  }))
}
const SMEAR = { BLA: 0.1, NGS: 0.5, EBO: 0.3, NIF: 0.1 }

describe('the estimate', () => {
  it('is the true share of the counted cells, not the share of those named so', () => {
    const tally = tallyOf(named(10_000, SMEAR), TRIED)
    expect(separationOf(100_000).estimate(tally)).toBeCloseTo(100 * (0.1 / 0.9), 1)
    expect(separationOf(100_000).counted(tally)).toBeCloseTo(9000, -1)
  })

  it('stays with what a person said where all is read, and where all of one name is', () => {
    const separation = separationOf(200)
    const all = tallyOf(
      [
        { named: 'BLA', read: 'NGS', cells: 50 },
        { named: 'NGS', read: 'BLA', cells: 30 },
        { named: 'EBO', read: 'EBO', cells: 20 },
      ],
      TRIED,
    )
    expect(separation.estimate(all)).toBeCloseTo(30, 9)
    // The model finds 70 % of the blasts: of all it named so, 700 are; the 300 it missed are among the unread.
    const rows = named(10_000, SMEAR).filter((row) => row.named !== 'BLA')
    const byName = CLASSES.map((code) => ({
      named: 'BLA' as const,
      read: code,
      cells: 10_000 * SMEAR[code] * RATES[code][0],
    }))
    expect(separationOf(100_000).estimate(tallyOf([...rows, ...byName], TRIED))).toBeCloseTo(100 * (0.1 / 0.9), 0)
  })

  it('knows nothing of no cell', () => {
    const separation = separationOf(100)
    const none = tallyOf([{ named: null, read: null, cells: 7 }], TRIED)
    expect(separation.estimate(none)).toBeNull()
    expect(separation.standing(none, 5)).toEqual({ side: null, pBelow: 1, pAbove: 1 })
    expect(moreNeeded(separation, none, 5)).toBeNull()
  })
})

describe('the interval', () => {
  const perfect = (blasts: number, cells: number) =>
    tallyOf(
      [
        { named: 'BLA', read: 'BLA', cells: blasts },
        { named: 'NGS', read: 'NGS', cells: cells - blasts },
      ],
      TRIED,
    )

  it.each([
    [0, 500],
    [5, 500],
    [25, 500],
    [100, 500],
  ])(
    'of %i read cells of %i holds the exact one, which may be looked at only once, and not much more',
    (blasts, cells) => {
      const { low, high } = separationOf(100).interval(perfect(blasts, cells))
      const exact = exactInterval(blasts, cells)
      const [left, right] = [100 * exact.low, 100 * exact.high]
      expect(low).toBeLessThanOrEqual(left)
      expect(high).toBeGreaterThan(right)
      expect(high - low).toBeLessThan(1.9 * (right - left))
    },
  )

  it('says what the rule says', () => {
    const separation = separationOf(300)
    const tally = tallyOf(named(1500, SMEAR), TRIED)
    const { low, high } = separation.interval(tally)
    expect(separation.standing(tally, low * 0.99).side).toBe('above')
    expect(separation.standing(tally, low * 1.01).side).toBeNull()
    expect(separation.standing(tally, high * 0.99).side).toBeNull()
    expect(separation.standing(tally, high * 1.01).side).toBe('below')
  })

  it('is wider the less is known of the model, however many cells there are', () => {
    const width = (images: number, cells: number) => {
      const { low, high } = separationOf(images).interval(tallyOf(named(cells, SMEAR), TRIED))
      return high - low
    }
    expect(width(60, 2000)).toBeGreaterThan(1.3 * width(6000, 2000))
    expect(width(60, 1e6)).toBeGreaterThan(5 * width(60_000, 1e6))
  })
})

describe('more cells', () => {
  it('are foreseen: fewer the farther the share lies from the threshold', () => {
    const tally = tallyOf(named(200, SMEAR), TRIED)
    const separation = separationOf(1000)
    const to = (percent: number) => moreNeeded(separation, tally, percent)!.median!
    expect(separation.standing(tally, 60)).toMatchObject({ side: 'below' })
    expect(to(60)).toBe(0)
    expect(to(5)).toBeGreaterThan(to(3))
    expect(moreNeeded(separation, tally, 5)).toEqual(moreNeeded(separation, tally, 5))
  })

  it('are said to be in vain where too little is known of the model', () => {
    const tally = tallyOf(named(20_000, SMEAR), TRIED)
    expect(separationOf(40).standing(tally, 10).side).toBeNull()
    expect(moreNeeded(separationOf(40), tally, 10)!.median).toBeNull()
  })
})

describe('looking again and again', () => {
  /** Smears whose share of blasts is the threshold: whichever side is claimed, the claim is wrong. */
  it('claims a side of the threshold that the share lies at in at most one run of twenty', () => {
    const random = seededDraw(20)
    const runs = 120
    const place = (weights: readonly number[]) => random.place(Float64Array.from(weights), 1)
    const shares = CLASSES.map((code) => SMEAR[code])
    const threshold = 100 * (SMEAR.BLA / (1 - SMEAR.NIF))
    let [claimed, atOnce] = [0, 0]
    for (let run = 0; run < runs; run++) {
      const images: Partial<Record<Code, Partial<Record<Code, number>>>> = {}
      for (const code of CLASSES) {
        const row: Partial<Record<Code, number>> = {}
        for (let i = 0; i < 100; i++) {
          const other = CLASSES[place(RATES[code])]
          row[other] = (row[other] ?? 0) + 1
        }
        images[code] = row
      }
      const separation = new Separation(['BLA'], plausibleRates({ tried: TRIED, confusion: images }, 60), TRIED)
      const counts = new Map<Code, number>()
      let [blasts, counted, side, naive] = [0, 0, null as string | null, false]
      for (let cell = 1; cell <= 1500; cell++) {
        const truth = CLASSES[place(shares)]
        const other = CLASSES[place(RATES[truth])]
        counts.set(other, (counts.get(other) ?? 0) + 1)
        if (truth === 'BLA') blasts++
        if (truth !== 'NIF') counted++
        if (cell % 30 > 0) continue
        const rows = [...counts].map(([code, cells]) => ({ named: code, read: null, cells }))
        side ??= separation.standing(tallyOf(rows, TRIED), threshold).side
        const { low, high } = exactInterval(blasts, counted)
        naive ||= 100 * low > threshold || 100 * high < threshold
      }
      if (side !== null) claimed++
      if (naive) atOnce++
    }
    expect(claimed / runs).toBeLessThanOrEqual(0.05)
    // That the smears are hard enough: whoever looks at the exact interval of perfect counts each time errs.
    expect(atOnce / runs).toBeGreaterThan(0.1)
  })
})

it('tells nothing by a model that names two classes alike', () => {
  const alike: ConfusionCounts = { BLA: { NGS: 1e9 }, NGS: { NGS: 1e9 }, EBO: { EBO: 1e9 }, NIF: { NIF: 1e9 } }
  const separation = new Separation(['BLA'], plausibleRates({ tried: TRIED, confusion: alike }), TRIED)
  const tally = tallyOf([{ named: 'NGS', read: null, cells: 5000 }], TRIED)
  expect(separation.standing(tally, 20).side).toBeNull()
  expect(CLASS_CODES.length).toBe(21)
})
