/**
 * What a long scan does to memory: `node benchmarks/memory.ts [--fields N] [--model FOLDER] [--seed N]`. One JSON object on stdout.
 *
 * A simulated smear is scanned field by field with the real model and a bench's run manager, as fast as the processor goes
 * (motion takes a hundredth of its time), and followed as the window follows it. Resident memory is read at each committed field;
 * `growth` is its mean over the last tenth of the fields over that of the tenth which follows the first. 3,000 fields, where the
 * limit is 1.05, take about half an hour on two cores; the 300 of the default only show a leak that is large.
 *
 * `casebookMs` is the time the calling thread spends in the casebook, a field, over the same two stretches: it should not grow either.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import pino from 'pino'
import { LiveView } from '../src/main/bench/live-view.ts'
import { Models } from '../src/main/bench/models.ts'
import { RuleBook } from '../src/main/bench/rule-book.ts'
import { RunManager } from '../src/main/bench/run-manager.ts'
import { Slides } from '../src/main/bench/slides.ts'
import type { Casebook } from '../src/main/casebook/casebook.ts'
import { openCasebook } from '../src/main/casebook/open-casebook.ts'
import { bundledModelFolder } from '../src/main/inference/bundled.ts'
import { openSimulatedRig } from '../src/main/microscope/simulated-rig.ts'
import { openAnalyser } from '../src/main/vision/analyser.ts'
import type { Rect } from '../src/shared/geometry.ts'
import { type StageUm, stageUm } from '../src/shared/geometry.ts'

const { values } = parseArgs({
  options: {
    fields: { type: 'string', default: '300' },
    model: { type: 'string', default: bundledModelFolder() },
    seed: { type: 'string', default: '1' },
  },
})
const fields = Number(values.fields)
const seed = Number(values.seed)
const folder = await mkdtemp(join(tmpdir(), 'medulla-memory-benchmark-'))

interface Sample {
  readonly field: number
  readonly residentBytes: number
  readonly heapBytes: number
  readonly bufferBytes: number
  readonly casebookMs: number
}
const samples: Sample[] = []
let casebookMs = 0

const casebook = timedCasebook(openCasebook(folder))
const log = pino({ level: 'silent' })
const analyser = openAnalyser()
const models = new Models(folder, { model: values.model, precision: null, provider: 'cpu' }, log)
const runs = new RunManager({
  dataFolder: folder,
  casebook,
  slides: new Slides({ dataFolder: folder, casebook, log }),
  analyser: () => analyser,
  models,
  live: new LiveView(),
  ruleBook: new RuleBook(),
  lend: async () => {
    const rig = await openSimulatedRig({ profile: 'normal', seed, timeScale: 100 })
    return { ...rig, area: areaOf(rig.area!), close: () => rig.close() }
  },
  log,
})
try {
  const startMs = performance.now()
  const cpuBefore = process.cpuUsage()
  const { runId } = await runs.start({
    rig: { kind: 'simulated', profile: 'normal', seed, timeScale: 100, mount: null, stage: 'good', objective: null },
    targetCells: null,
    stopWhen: [],
    caseId: null,
  })
  for await (const { run } of runs.events(runId)) {
    if (run.failure) throw new Error(run.failure.message)
    if (run.state === 'scanning' && run.fields >= fields) void runs.stop(runId)
  }
  const cpu = process.cpuUsage(cpuBefore)
  const early = mean(samples.filter(({ field }) => field > fields / 10 && field <= fields / 5))
  const late = mean(samples.filter(({ field }) => field > 0.9 * fields && field <= fields))
  const run = casebook.run(runId)
  console.log(
    JSON.stringify({
      benchmark: 'memory',
      fields: run.fields,
      cells: run.cells,
      elapsedS: (performance.now() - startMs) / 1000,
      cpuMsPerField: (cpu.user + cpu.system) / 1000 / run.fields,
      growth: late.residentBytes / early.residentBytes,
      peakBytes: Math.max(...samples.map(({ residentBytes }) => residentBytes)),
      early,
      late,
    }),
  )
} finally {
  await runs.close()
  await analyser.close()
  await models.close()
  casebook.close()
  await rm(folder, { recursive: true })
}

/** Enough of the smear for the fields asked for, round its countable middle: a countable area alone has some 600. */
function areaOf(countable: Rect<StageUm>): Rect<StageUm> {
  const factor = Math.max(1, Math.sqrt(fields / 600))
  const [width, height] = [Math.min(10_500, factor * countable.width), Math.min(7500, factor * countable.height)]
  const { x, y } = countable.origin
  return {
    origin: stageUm(
      Math.max(2600, x + countable.width / 2 - width / 2),
      Math.max(1600, y + countable.height / 2 - height / 2),
    ),
    width,
    height,
  }
}

/** The casebook, its calls timed, a sample taken at each committed field. */
function timedCasebook(real: Casebook): Casebook {
  return new Proxy(real, {
    get(target, name: keyof Casebook) {
      const call = target[name] as (...args: unknown[]) => unknown
      return (...args: unknown[]) => {
        const startMs = performance.now()
        try {
          return call(...args)
        } finally {
          casebookMs += performance.now() - startMs
          if (name === 'commitField') sample()
        }
      }
    },
  })
}

function sample(): void {
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage()
  samples.push({
    field: samples.length + 1,
    residentBytes: rss,
    heapBytes: heapUsed,
    bufferBytes: arrayBuffers,
    casebookMs,
  })
  casebookMs = 0
  if (samples.length % 100 === 0) console.error(`${samples.length} fields, ${Math.round(rss / 1e6)} MB`)
}

function mean(of: readonly Sample[]): Omit<Sample, 'field'> {
  const average = (pick: (sample: Sample) => number) => of.reduce((sum, each) => sum + pick(each), 0) / of.length
  return {
    residentBytes: average(({ residentBytes }) => residentBytes),
    heapBytes: average(({ heapBytes }) => heapBytes),
    bufferBytes: average(({ bufferBytes }) => bufferBytes),
    casebookMs: average(({ casebookMs }) => casebookMs),
  }
}
