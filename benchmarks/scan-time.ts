/**
 * How long a scan takes over what its mechanics need: `node benchmarks/scan-time.ts [--cells N] [--settle MS] [--model FOLDER]
 * [--precision float|int8] [--turned DEGREES]`. One JSON object on stdout.
 *
 * A simulated smear is scanned at life speed with the model a bench would take, by a stage that settles for 230 ms, so that motion, settling and
 * exposure take about 0.3 s a field. `ratio` is the time from the first field's move until the last field is committed over that bound
 * (limit: 1.10); `ratioToLastExposure` leaves out the fields that were still in work then.
 *
 * `--turned`: by a camera that is turned so far, as real ones are a little, and calibrated: each frame's light is put right and it is laid along the stage's axes.
 *
 * Processor time is told by what it was spent on; `rendering` draws the simulated camera's images, which a real camera does not cost.
 */
import { parseArgs } from 'node:util'
import { openSimulatedRig } from '../src/main/microscope/simulated-rig.ts'
import { modelVariant } from '../src/shared/contract/models.ts'
import { runAsTheDesk } from './as-the-desk.ts'
import { turnedCamera } from './mounted-camera.ts'
import { scanSimulated } from './simulated-scan.ts'
import { StageTimes } from './stage-times.ts'
import { threadTimes } from './thread-times.ts'

const { values } = parseArgs({
  options: {
    cells: { type: 'string', default: '2000' },
    settle: { type: 'string', default: '230' },
    model: { type: 'string' },
    precision: { type: 'string' },
    turned: { type: 'string' },
  },
})
runAsTheDesk()

const settleMs = Number(values.settle)
const turned = turnedCamera(values.turned ? Number(values.turned) : null)
const rig = await openSimulatedRig({
  profile: 'normal',
  seed: 1,
  timeScale: 1,
  stage: { settleMs, vibrationMs: settleMs },
  camera: turned.options,
})
const times = new StageTimes(rig)
const resident: number[] = []
let before = threadTimes()
let after = before
const run = await scanSimulated({
  rig,
  area: null,
  calibrations: turned.calibrationsOf(rig.camera),
  model: values.model ?? null,
  precision: values.precision ? modelVariant.parse(values.precision) : null,
  targetCells: Number(values.cells),
  fields: null,
  onCasebook(call) {
    if (call === 'setRunPlan') before = threadTimes()
    if (call !== 'commitField') return
    resident.push(process.memoryUsage.rss())
    // Threads that have ended are forgotten: those of the simulated rig do before the run is over.
    after = threadTimes()
  },
  onEnd({ fields }, committedMs) {
    const elapsedMs = committedMs - times.startMs
    const half = resident.slice(Math.floor(resident.length / 2))
    console.log(
      JSON.stringify({
        benchmark: 'scan-time',
        ratio: elapsedMs / times.boundMs,
        ratioToLastExposure: times.elapsedMs / times.boundMs,
        ...times.summary(),
        committedAfterLastExposureMs: committedMs - times.endMs,
        cpuMsPerField:
          before &&
          after &&
          Object.fromEntries(
            Object.entries(after).map(([role, ms]) => [role, (ms - before![role as keyof typeof after]) / fields]),
          ),
        peakResidentBytes: Math.max(...resident),
        residentBytes: half.reduce((sum, bytes) => sum + bytes, 0) / half.length,
      }),
    )
  },
})
if (run.fields !== times.taken) console.error(`${times.taken - run.fields} fields were exposed for nothing`)
