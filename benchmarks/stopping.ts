/**
 * Whether the stop rules keep what they say: `node benchmarks/stopping.ts [--profiles all] [--runs 500] [--most 4000] [--rates redrawn|posterior]
 * [--seed 1] [--ask 10] [--read BLA,LYI] [--scans 0] [--model FOLDER] [--work FOLDER]`. One JSON object on stdout.
 *
 * A simulated run draws cells from a profile's shares, has them named by the model's confusion matrix of drawn cells, and asks the rule after every 20
 * cells, as after a field. What the rule knows of the model is as little as is known in earnest. `redrawn`: the true rates are the shipped matrix's,
 * and each run's rule gets a validation set of the same size drawn from them. `posterior`: the rule gets the shipped matrix, and each run's true
 * rates are drawn from what that leaves open.
 *
 * `wrong`: of the runs, those that stopped with the true share on the other side of the threshold. `naive` stops as one who looks at the exact
 * (Clopper-Pearson) interval after each field: of the machine's counts, and of the true classes, which is the harm of looking alone. Hard thresholds
 * lie a fifth beside the true share. An assurance claims, of each rare class, a share just below the true one, so that whoever finds none is wrong:
 * how often that was, and with what probability it is (`probability`). `--ask`: how many more cells it will take is asked in one of so
 * many runs, after 200 cells: what it took over what was foreseen, and how often it lay between the limits, which are for eight in ten.
 * `--read`: a person reads every cell of these names, rightly. `--scans N`: so many
 * scans a profile with the real detector and model (kept by `coverage-scans.ts`) too.
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { bundledModelFolder } from '../src/main/inference/bundled.ts'
import { describedModel } from '../src/main/inference/model-info.ts'
import { readPackage } from '../src/main/inference/package.ts'
import { classShares } from '../src/main/microscope/simulator/profiles.ts'
import { PROFILES, type Profile } from '../src/main/microscope/simulator/world.ts'
import { projectRoot } from '../src/main/worker-file.ts'
import { seededDraw } from '../src/shared/differential/draw.ts'
import { exactInterval } from '../src/shared/differential/interval.ts'
import { type KnownErrors, knownErrors } from '../src/shared/differential/known-errors.ts'
import { atMost, cellsToAssure } from '../src/shared/stopping/assurance.ts'
import { tallyOf } from '../src/shared/stopping/cell-tally.ts'
import { type MoreNeeded, moreNeeded } from '../src/shared/stopping/more-needed.ts'
import { plausibleRates } from '../src/shared/stopping/plausible-rates.ts'
import { Separation, type Side } from '../src/shared/stopping/separation.ts'
import { CLASS_CODES, type ClassCode, cellClass, isClassCode } from '../src/shared/taxonomy.ts'
import { CellStream, FIELD_CELLS } from './cell-stream.ts'
import { studiedScan } from './coverage-scans.ts'
import { namedProfiles } from './named-profiles.ts'

const { values } = parseArgs({
  options: {
    profiles: { type: 'string', default: 'all' },
    runs: { type: 'string', default: '500' },
    most: { type: 'string', default: '4000' },
    rates: { type: 'string', default: 'redrawn' },
    seed: { type: 'string', default: '1' },
    ask: { type: 'string', default: '10' },
    read: { type: 'string', default: '' },
    scans: { type: 'string', default: '0' },
    model: { type: 'string', default: bundledModelFolder() },
    work: { type: 'string', default: join(projectRoot(), 'benchmarks', 'results', 'coverage') },
  },
})

const RUNS = Number(values.runs)
const MOST = Number(values.most)
/** Thresholds people look at, percent. */
const LOOKED_AT: readonly (readonly [ClassCode, number])[] = [
  ['BLA', 5],
  ['BLA', 10],
  ['BLA', 20],
  ['PLM', 10],
  ['PLM', 60],
]
/** The class each profile is about. */
const MARKER: Readonly<Record<Profile, ClassCode>> = {
  normal: 'BLA',
  aml: 'BLA',
  myeloma: 'PLM',
  cll: 'LYT',
  eosinophilia: 'EOS',
  needle: 'BLA',
}
/** "So many more" is asked here, counted cells. */
const ASKED_AT = 200
/** And in one run of so many: it takes longer than all the rest. */
const ASKED_EVERY = Number(values.ask)

const model = describedModel(await readPackage(values.model))
const known = knownErrors(model, 'rendered')
if (!known?.confusion) throw new Error(`${model.name} ${model.version} states no confusion matrix of drawn cells.`)
const classes = CLASS_CODES.filter((code) => known.tried.has(code))
const read = new Set(values.read.split(',').filter((code) => isClassCode(code)))
const random = seededDraw(Number(values.seed))
const results = []
for (const profile of namedProfiles(values.profiles)) {
  results.push(study(profile, known))
  console.error(`${profile} done`)
}
const scans = Number(values.scans) > 0 ? await realScans(Number(values.scans)) : null
const all = results.flatMap((result) => result.thresholds)
const worst = (pick: (entry: (typeof all)[number]) => number) => Math.max(...all.map(pick))
console.log(
  JSON.stringify({
    benchmark: 'stopping',
    model: `${model.name} ${model.version}`,
    rates: values.rates,
    read: [...read],
    seed: Number(values.seed),
    runsEach: RUNS,
    mostCells: MOST,
    worstRightShare: 1 - worst((entry) => entry.wrong.share),
    worstAssurance: Math.max(...results.map((result) => result.assurances.wrong.share)),
    worstAssuranceProbability: Math.max(
      ...results.flatMap((result) => result.assurances.classes.map((entry) => entry.probability)),
    ),
    profiles: results,
    scans,
  }),
)

interface Goal {
  readonly group: ClassCode
  readonly percent: number
  readonly hard: boolean
  readonly truth: Side
}

function study(profile: Profile, stated: KnownErrors) {
  const shares = sharesOf(profile)
  const percentOf = (code: ClassCode) => 100 * (shares.get(code) ?? 0)
  const marker = MARKER[profile]
  const wanted = [
    ...LOOKED_AT.map(([group, percent]) => ({ group, percent, hard: false })),
    ...[0.8, 1.25].map((part) => ({ group: marker, percent: part * percentOf(marker), hard: true })),
  ]
  const goals = wanted.map(
    (goal): Goal => ({ ...goal, truth: percentOf(goal.group) < goal.percent ? 'below' : 'above' }),
  )
  const tallies = goals.map(() => ({
    right: 0,
    wrong: 0,
    cells: [] as number[],
    ratios: [] as number[],
    inReach: 0,
    asked: 0,
    between: 0,
    reached: 0,
  }))
  const naive = goals.map(() => ({ machine: { right: 0, wrong: 0 }, truth: { right: 0, wrong: 0 } }))
  for (let run = 0; run < RUNS; run++) {
    const { rates, told } = modelOfRun(stated)
    const plausible = plausibleRates(told)
    const groups = new Map(
      [...new Set(goals.map((goal) => goal.group))].map((code) => [
        code,
        new Separation([code], plausible, told.tried),
      ]),
    )
    const stream = new CellStream(profile, rates, random, read)
    const open = new Set(goals.keys())
    const open_ = { machine: new Set(goals.keys()), truth: new Set(goals.keys()) }
    /** Counted cells when a rule ended the run. */
    const ends = new Map<number, number>()
    const predicted = new Map<number, { at: number; more: MoreNeeded | null }>()
    while (stream.cells < MOST && (open.size > 0 || open_.machine.size + open_.truth.size > 0)) {
      stream.field()
      for (const i of open) {
        const { group, percent, truth } = goals[i]
        const separation = groups.get(group)!
        const { side } = separation.standing(stream.tally, percent)
        if (side === null) {
          if (run % ASKED_EVERY === 0 && !predicted.has(i) && stream.counted >= ASKED_AT) {
            const more = moreNeeded(separation, stream.tally, percent)
            predicted.set(i, { at: stream.counted, more })
          }
          continue
        }
        open.delete(i)
        ends.set(i, stream.counted)
        tallies[i][side === truth ? 'right' : 'wrong']++
        tallies[i].cells.push(stream.counted)
        const asked = predicted.get(i)
        if (asked?.more?.median) tallies[i].ratios.push((stream.counted - asked.at) / asked.more.median)
      }
      for (const how of ['machine', 'truth'] as const) {
        for (const i of open_[how]) {
          const { group, percent, truth } = goals[i]
          const { low, high } = exactInterval(stream.count(how, group), stream.total(how))
          const side = 100 * high < percent ? 'below' : 100 * low > percent ? 'above' : null
          if (side === null) continue
          open_[how].delete(i)
          naive[i][how][side === truth ? 'right' : 'wrong']++
        }
      }
    }
    for (const [i, { at, more }] of predicted) {
      if (more === null) continue
      const stoppedAt = open.has(i) ? null : ends.get(i)!
      tallies[i].asked++
      if (isBetween(more, stoppedAt === null ? stream.counted - at : stoppedAt - at, stoppedAt !== null))
        tallies[i].between++
      // Foreseen within what was left of the run, and whether it came.
      if (more.median === null || at + more.median > MOST * 0.6) continue
      tallies[i].inReach++
      if (stoppedAt !== null) tallies[i].reached++
    }
  }
  return {
    profile,
    thresholds: goals.map((goal, i) => ({
      class: goal.group,
      percent: round(goal.percent),
      truePercent: round(percentOf(goal.group)),
      hard: goal.hard,
      wrong: of(tallies[i].wrong, RUNS),
      stopped: of(tallies[i].right + tallies[i].wrong, RUNS).share,
      cells: spread(tallies[i].cells),
      actualOverForeseen: spread(tallies[i].ratios),
      foreseenAndCame: of(tallies[i].reached, tallies[i].inReach),
      betweenForeseen: of(tallies[i].between, tallies[i].asked),
      naive: {
        machine: of(naive[i].machine.wrong, RUNS).share,
        truth: of(naive[i].truth.wrong, RUNS).share,
      },
    })),
    assurances: assurances(profile, stated),
  }
}

/** Whether it took as many more cells as foreseen, `low` to `high`. @param ended false: it had not ended after so many. */
function isBetween({ low, high }: MoreNeeded, cells: number, ended: boolean): boolean {
  if (!ended) return high === null || cells < high
  return low !== null && cells >= low && (high === null || cells <= high)
}

/** Rare classes, each with a bound just below its true share: whoever finds none is wrong. */
function assurances(profile: Profile, stated: KnownErrors) {
  const rare = [...sharesOf(profile)].filter(
    ([code, share]) => cellClass(code).counted && share > 0.0005 && share < 0.03,
  )
  const classes = rare.map(([code, share]) => {
    let [wrong, cells, probability] = [0, 0, 0]
    for (let run = 0; run < RUNS; run++) {
      const { rates, told } = modelOfRun(stated)
      const row = told.confusion?.[code] ?? {}
      const recall = { hits: row[code] ?? 0, of: Object.values(row).reduce((sum, count) => sum + count, 0) }
      const needed = cellsToAssure(0.999 * share, recall)
      cells += needed
      // Whether none of the counted cells is one that the model names so.
      const caught = share * rates[CLASS_CODES.indexOf(code)][CLASS_CODES.indexOf(code)]
      probability += atMost(needed, recall) < share ? (1 - caught) ** needed / RUNS : 0
      const first = Math.ceil(Math.log1p(-random.uniform()) / Math.log1p(-caught))
      if (first > needed && atMost(needed, recall) < share) wrong++
    }
    return {
      class: code,
      truePercent: round(100 * share),
      wrong,
      probability: round(probability),
      meanCells: Math.round(cells / RUNS),
    }
  })
  return {
    wrong: of(
      classes.reduce((sum, entry) => sum + entry.wrong, 0),
      RUNS * classes.length,
    ),
    classes,
  }
}

/** What the model truly does in one run, and what is known of it. */
function modelOfRun(stated: KnownErrors) {
  const confusion = stated.confusion!
  if (values.rates === 'posterior') return { rates: plausibleRates(stated, 1, random)[1], told: stated }
  const rates = CLASS_CODES.map((code) => {
    const row = CLASS_CODES.map((other) => confusion[code]?.[other] ?? 0)
    const images = row.reduce((sum, count) => sum + count, 0)
    return Float64Array.from(row, (count, j) => (images === 0 ? (CLASS_CODES[j] === code ? 1 : 0) : count / images))
  })
  const redrawn = Object.fromEntries(
    classes.map((code) => {
      const images = Object.values(confusion[code] ?? {}).reduce((sum, count) => sum + count, 0)
      const row: Partial<Record<ClassCode, number>> = {}
      for (let i = 0; i < images; i++) {
        const named = CLASS_CODES[random.place(rates[CLASS_CODES.indexOf(code)], 1)]
        row[named] = (row[named] ?? 0) + 1
      }
      return [code, row]
    }),
  )
  return { rates, told: { ...stated, confusion: redrawn } }
}

/** Real detector, real model, cells in the order of the scan. */
async function realScans(seeds: number) {
  const settings = { modelFolder: values.model, targetCells: 500, workFolder: values.work }
  const rates = plausibleRates(known!)
  const found = []
  for (const profile of PROFILES) {
    const shares = sharesOf(profile)
    for (let seed = 1; seed <= seeds; seed++) {
      const scan = await studiedScan(profile, seed, settings)
      for (const [group, percent] of LOOKED_AT) {
        const separation = new Separation([group], rates, known!.tried)
        const truth = 100 * (shares.get(group) ?? 0) < percent ? 'below' : 'above'
        let stopped: { side: Side; cells: number } | null = null
        for (let n = FIELD_CELLS; n <= scan.cells.length && !stopped; n += FIELD_CELLS) {
          const tally = tallyOf(
            scan.cells.slice(0, n).map(({ named }) => ({ named, read: null, cells: 1 })),
            known!.tried,
          )
          const { side } = separation.standing(tally, percent)
          if (side) stopped = { side, cells: n }
        }
        found.push({
          profile,
          seed,
          class: group,
          percent,
          right: stopped && stopped.side === truth,
          cells: stopped?.cells ?? null,
        })
      }
    }
  }
  return {
    decisions: found.length,
    stopped: found.filter((entry) => entry.right !== null).length,
    wrong: found.filter((entry) => entry.right === false),
  }
}

/** Of the counted cells. */
function sharesOf(profile: Profile): Map<ClassCode, number> {
  const shares = classShares(profile)
  const counted = CLASS_CODES.filter((code) => cellClass(code).counted)
  const total = counted.reduce((sum, code) => sum + shares[code], 0)
  return new Map(counted.map((code) => [code, shares[code] / total]))
}

function of(count: number, n: number) {
  const { low, high } = exactInterval(count, n)
  return { count, n, share: n === 0 ? 0 : count / n, low: round(low), high: round(high) }
}

function spread(numbers: number[]) {
  if (numbers.length === 0) return null
  numbers.sort((a, b) => a - b)
  const at = (share: number) => round(numbers[Math.round(share * (numbers.length - 1))])
  return {
    n: numbers.length,
    mean: round(numbers.reduce((sum, value) => sum + value, 0) / numbers.length),
    low: at(0.1),
    median: at(0.5),
    high: at(0.9),
  }
}

function round(value: number): number {
  return Number(value.toPrecision(4))
}
