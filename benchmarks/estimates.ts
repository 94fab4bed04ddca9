/**
 * Whether time and field estimates turn out right: `node benchmarks/estimates.ts [--profiles normal,aml,cll] [--seeds 1] [--cells 500,500]
 * [--pitch UM] [--model FOLDER]`. One JSON object on stdout.
 *
 * Each smear is looked over by a bench of its own, at life speed; the top-ranked area is scanned until the first number of cells is counted, then
 * the best of what is left until the second is, and so on. The pace of the first estimate is that of the overview, of the others that of the runs before it, where
 * these had enough fields (`pace.from`). `stated` is what the bench says of an area before it is scanned; `took`, what the run then took: fields, and
 * seconds by the watch, from asking for it until it is finished. `ratio` is what it took over what was stated, `within` whether it lies between the
 * limits, which are for nine in ten. `left`: what the run said of the time left when a quarter, half and three quarters of its fields
 * were there, and what it took. `parts`: seconds for opening model and microscope, for focus, for fields, and after the last of them.
 *
 * Nobody is waited for. `others`: the share of the machine's processors that other programs took, of the overview and of the run. Where it is not small, or
 * not the same, nothing can be said of seconds.
 */
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { type Bench, openBench } from '../src/main/bench/bench.ts'
import { experienceOf } from '../src/main/bench/overview/experience.ts'
import type { Casebook } from '../src/main/casebook/casebook.ts'
import { openCasebook } from '../src/main/casebook/open-casebook.ts'
import { PROFILES, type Profile } from '../src/main/microscope/simulator/world.ts'
import type { StageRect } from '../src/shared/contract/area.ts'
import type { BenchClient } from '../src/shared/contract/index.ts'
import type { OverviewSummary } from '../src/shared/contract/overview.ts'
import type { Estimate } from '../src/shared/overview/expect.ts'
import { inThrowAwayFolder } from './throw-away.ts'

const { values } = parseArgs({
  options: {
    profiles: { type: 'string', default: 'normal,aml,cll' },
    seeds: { type: 'string', default: '1' },
    cells: { type: 'string', default: '500,500' },
    pitch: { type: 'string' },
    model: { type: 'string' },
  },
})
const targets = values.cells.split(',').map(Number)
const profiles = values.profiles === 'all' ? PROFILES : (values.profiles.split(',') as Profile[])
/** Shares of a run's fields at which its time left is looked at. */
const LOOKED_AT = [0.25, 0.5, 0.75]

const runs: Awaited<ReturnType<typeof measure>> = []
for (const seed of values.seeds.split(',').map(Number)) {
  for (const profile of profiles) {
    await inThrowAwayFolder(async (dataFolder) => {
      const bench = await openBench({ dataFolder, model: values.model ?? null })
      // What the bench goes by is read beside it, as it stands.
      const casebook = openCasebook(dataFolder)
      try {
        runs.push(...(await measure(bench, casebook, { kind: 'simulated', profile, seed, timeScale: 1 })))
      } finally {
        casebook.close()
        await bench.close()
      }
    })
  }
}

console.log(
  JSON.stringify({
    benchmark: 'estimates',
    fields: summary(runs.map(({ fields }) => fields)),
    secondsByOverview: summary(runs.filter(({ pace }) => pace?.from === 'overview').map(({ seconds }) => seconds)),
    secondsByRuns: summary(runs.filter(({ pace }) => pace?.from === 'runs').map(({ seconds }) => seconds)),
    left: LOOKED_AT.map((share, i) => ({ share, ratio: median(runs.flatMap(({ left }) => left[i]!.ratio ?? [])) })),
    runs,
  }),
)

interface Rig {
  readonly kind: 'simulated'
  readonly profile: Profile
  readonly seed: number
  readonly timeScale: number
}

async function measure({ client }: Bench, casebook: Casebook, rig: Rig) {
  const overviewLoad = othersShare()
  const { overviewId } = await client.overview.start({ rig, ...(values.pitch && { pitchUm: Number(values.pitch) }) })
  let overview: OverviewSummary | null = null
  for await (const event of await client.overview.events({ overviewId })) overview = event.overview
  if (overview?.state !== 'done') throw new Error(overview?.failure?.message ?? 'the overview came to no end')
  const ofOverview = overviewLoad()
  const runs = []
  const counted: StageRect[] = []
  for (const targetCells of targets) {
    const { areas } = await client.overview.propose({ overviewId, targetCells, excluded: counted, most: 1 })
    if (!areas[0]) throw new Error(`no area for ${targetCells} cells is proposed on ${rig.profile}, seed ${rig.seed}`)
    const { rects, expectation: stated } = areas[0]
    const { pace } = experienceOf(casebook, overview)
    const runLoad = othersShare()
    const took = await scanned(client, { rig, targetCells, area: { overviewId, rects, excluded: counted } })
    const run = {
      profile: rig.profile,
      seed: rig.seed,
      targetCells,
      others: { overview: ofOverview, run: runLoad() },
      pace,
      stopped: took.stopped,
      counted: took.counted,
      fields: compared(stated.fieldsToTarget, took.fields),
      seconds: compared(stated.seconds, took.seconds),
      left: took.left,
      parts: took.parts,
    }
    console.error(JSON.stringify(run))
    runs.push(run)
    counted.push(...rects)
  }
  return runs
}

/** A run from asking for it until it is over. */
async function scanned(client: BenchClient, asked: Parameters<BenchClient['runs']['start']>[0]) {
  const sinceMs = performance.now()
  const seconds = () => (performance.now() - sinceMs) / 1000
  const { runId } = await client.runs.start(asked)
  const opened = seconds()
  let focused: number | null = null
  const told: { readonly seconds: number; readonly fields: number; readonly left: number | null }[] = []
  for await (const { run, obstacle, activity, secondsLeft } of await client.runs.events({ runId })) {
    if (run.failure ?? obstacle) throw new Error((run.failure ?? obstacle)!.message)
    if (activity === 'moving to the first field') focused ??= seconds()
    told.push({ seconds: seconds(), fields: run.fields, left: secondsLeft })
  }
  const all = seconds()
  const { fields, counted, stopped, scanningSeconds } = await client.runs.get({ runId })
  const lastField = opened + scanningSeconds
  return {
    fields,
    counted,
    stopped,
    seconds: all,
    left: LOOKED_AT.map((share) => {
      const then = told.find((each) => each.fields >= share * fields)
      return then?.left == null
        ? { stated: null, took: null, ratio: null }
        : { stated: then.left, took: all - then.seconds, ratio: (all - then.seconds) / then.left }
    }),
    parts: {
      opening: opened,
      focus: focused && focused - opened,
      fields: focused && lastField - focused,
      after: all - lastField,
    },
  }
}

/** Told when called: since now, of all processors' time, 0-1. */
function othersShare(): () => number {
  const now = () => {
    const times = cpus().map(({ times: { idle, ...busy } }) => ({
      idle,
      busy: Object.values(busy).reduce((sum, ms) => sum + ms, 0),
    }))
    const { user, system } = process.cpuUsage()
    const busy = times.reduce((sum, each) => sum + each.busy, 0)
    return { all: times.reduce((sum, each) => sum + each.idle, busy), others: busy - (user + system) / 1000 }
  }
  const before = now()
  return () => {
    const after = now()
    return (after.others - before.others) / (after.all - before.all)
  }
}

/** null: nothing was stated. */
function compared(stated: Estimate | null, took: number) {
  return (
    stated && {
      stated,
      took,
      ratio: took / stated.expected,
      within: took >= stated.low && (stated.high === null || took <= stated.high),
    }
  )
}

function summary(all: readonly ReturnType<typeof compared>[]) {
  const told = all.filter((each) => each !== null)
  return {
    stated: told.length,
    within: told.filter(({ within }) => within).length,
    // No upper limit was stated: the area may not hold the cells.
    openAbove: told.filter(({ stated }) => stated.high === null).length,
    medianRatio: median(told.map(({ ratio }) => ratio)),
  }
}

/** null: of nothing. */
function median(of: readonly number[]): number | null {
  const sorted = of.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return sorted.length === 0 ? null : (sorted[Math.ceil(middle - 1)]! + sorted[Math.floor(middle)]!) / 2
}
