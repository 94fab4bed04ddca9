/**
 * What a long scan does to memory: `node benchmarks/memory.ts [--fields N] [--model FOLDER] [--seed N] [--turned DEGREES]`. One JSON object on stdout.
 *
 * A simulated smear is scanned field by field with the real model and a bench's run manager, as fast as the processor goes
 * (motion takes a hundredth of its time), and followed as the window follows it. Resident memory is read at each committed field;
 * `growth` is its mean over the last tenth of the fields over that of the tenth which follows the first. 3,000 fields, where the
 * limit is 1.05, take a quarter of an hour or more on two cores; the 300 of the default only show a leak that is large.
 *
 * `--turned`: by a camera that is turned so far, as real ones are a little, so that each frame is put right before it is looked at.
 *
 * `casebookMs` is the time the calling thread spends in the casebook, a field, over the same two stretches: it should not grow either.
 */
import { parseArgs } from 'node:util'
import { openSimulatedRig, type SimulatedRig } from '../src/main/microscope/simulated-rig.ts'
import { type Rect, type StageUm, stageUm } from '../src/shared/geometry.ts'
import { runAsTheDesk } from './as-the-desk.ts'
import { turnedCamera } from './mounted-camera.ts'
import { scanSimulated } from './simulated-scan.ts'

const { values } = parseArgs({
  options: {
    fields: { type: 'string', default: '300' },
    model: { type: 'string' },
    seed: { type: 'string', default: '1' },
    turned: { type: 'string' },
  },
})
const fields = Number(values.fields)

runAsTheDesk()

interface Sample {
  readonly field: number
  readonly residentBytes: number
  readonly heapBytes: number
  readonly bufferBytes: number
  readonly casebookMs: number
}
const samples: Sample[] = []
let casebookMs = 0

const startMs = performance.now()
const cpuBefore = process.cpuUsage()
const turned = turnedCamera(values.turned ? Number(values.turned) : null)
const rig = await openSimulatedRig({
  profile: 'normal',
  seed: Number(values.seed),
  timeScale: 100,
  camera: turned.options,
})
const run = await scanSimulated({
  rig,
  area: areaOf(rig),
  calibrations: turned.calibrationsOf(rig.camera),
  model: values.model ?? null,
  targetCells: null,
  fields,
  onCasebook(call, ms) {
    casebookMs += ms
    if (call === 'commitField') sample()
  },
})
const cpu = process.cpuUsage(cpuBefore)
const early = mean(samples.filter(({ field }) => field > fields / 10 && field <= fields / 5))
const late = mean(samples.filter(({ field }) => field > 0.9 * fields && field <= fields))
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

/** Enough of the smear for the fields asked for, round its countable middle: a countable area alone has some 600. */
function areaOf({ area, stage, camera }: SimulatedRig): Rect<StageUm> {
  const factor = Math.sqrt(Math.max(1, fields / 600))
  const pixelSizeUm = camera.pixelSizeUm!
  const along = (axis: 'x' | 'y', middleUm: number, lengthUm: number, fieldUm: number) => {
    const { minUm, maxUm } = stage.limits[axis]
    const length = Math.min(lengthUm, maxUm - minUm - 2 * fieldUm)
    const start = Math.min(Math.max(minUm + fieldUm, middleUm - length / 2), maxUm - fieldUm - length)
    return { start, length }
  }
  const { origin, width, height } = area!
  const down = along('y', origin.y + height / 2, factor * height, camera.heightPx * pixelSizeUm)
  // As much wider as it is less high.
  const wide = (factor * factor * width * height) / down.length
  const across = along('x', origin.x + width / 2, wide, camera.widthPx * pixelSizeUm)
  return { origin: stageUm(across.start, down.start), width: across.length, height: down.length }
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
  if (samples.length % 100 === 0) {
    console.error(
      `${samples.length} fields, ${Math.round(rss / 1e6)} MB, casebook ${mean(samples.slice(-100)).casebookMs.toFixed(1)} ms`,
    )
  }
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
