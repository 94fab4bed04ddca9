import { implement } from '@orpc/server'
import type { Logger } from 'pino'
import { CALIBRATION_WORDS } from '../../shared/calibration-words.ts'
import {
  CALIBRATION_KINDS,
  type CalibrationEvent,
  type CalibrationKind,
  type CalibrationResult,
} from '../../shared/contract/calibration.ts'
import { contract } from '../../shared/contract/index.ts'
import type { StageRigSettings } from '../../shared/contract/microscope.ts'
import { acquireBenchLock } from '../casebook/bench-lock.ts'
import type { Casebook } from '../casebook/casebook.ts'
import type { CalibrationBench } from '../microscope/calibration/bench.ts'
import { type CalibrationsInUse, firstOfEach, inUse } from '../microscope/calibration/in-use.ts'
import { MEASUREMENTS, ON_CLEAR_GLASS } from '../microscope/calibration/measure.ts'
import { FOCUS_RANGE_UM } from '../microscope/focus/find-focus.ts'
import type { StageRig } from '../microscope/rig.ts'
import { SimulatedCamera } from '../microscope/simulator/simulated-camera.ts'
import { progressStream } from '../progress-stream.ts'
import { withBoundaryErrors } from './boundary-errors.ts'
import { rigName, timeScaleOf } from './calibrations-in-use.ts'
import type { LiveView } from './live-view.ts'
import type { RigKeeper } from './microscope/rig-keeper.ts'

export interface CalibrationParts {
  readonly dataFolder: string
  readonly casebook: Casebook
  readonly keeper: Pick<RigKeeper, 'lend'>
  readonly live: Pick<LiveView, 'show'>
  readonly log: Logger
}

interface Request {
  readonly rig: StageRigSettings
  readonly kind: CalibrationKind
  readonly at: Place | null
  readonly signal: AbortSignal
  readonly say: CalibrationBench['say']
}

interface Place {
  readonly xUm: number
  readonly yUm: number
}

/** Beside the simulated smear the glass is clear. */
const BESIDE_UM = 400

/** The procedures that measure a microscope and tell what is known of it. */
export function calibrationProcedures({ dataFolder, casebook, keeper, live, log }: CalibrationParts) {
  const os = implement(contract.calibration)

  async function* measure(
    { rig, kind, at }: { rig: StageRigSettings; kind: CalibrationKind; at: Place | null },
    signal: AbortSignal,
  ): AsyncGenerator<CalibrationEvent, void> {
    const result = yield* progressStream<CalibrationEvent, CalibrationResult>((tell) =>
      measureOn(rig, kind, at, signal, (activity, done, of) => tell({ state: 'working', activity, done, of })),
    )
    signal.throwIfAborted()
    yield { state: 'measured', calibration: casebook.addCalibration(rigName(rig), rig.objective, result) }
  }

  /** Nothing is measured through what was measured before: the camera is seen as it is. */
  async function measureOn(
    rig: StageRigSettings,
    kind: CalibrationKind,
    at: Place | null,
    signal: AbortSignal,
    say: CalibrationBench['say'],
  ): Promise<CalibrationResult> {
    const known = firstOfEach(casebook.calibrations(rigName(rig), rig.objective))
    const activity = `measuring: ${CALIBRATION_WORDS[kind].title.toLowerCase()}`
    const opened = await keeper.lend(rig, { to: 'task', activity })
    try {
      // No other program scans into this data folder meanwhile.
      const lock = acquireBenchLock(dataFolder)
      try {
        return await measureWith(opened, inUse(known), { rig, kind, at, signal, say })
      } finally {
        lock.release()
      }
    } finally {
      await opened.close()
    }
  }

  async function measureWith(
    opened: StageRig,
    known: CalibrationsInUse,
    { rig, kind, at, signal, say }: Request,
  ): Promise<CalibrationResult> {
    const { stage, camera } = opened
    const bench: CalibrationBench = {
      stage,
      camera,
      signal,
      timeScale: timeScaleOf(rig),
      say,
      show: (frame) => live.show(frame),
    }
    // A simulated lamp needs nobody to switch it off.
    const lamp = kind === 'dark-frame' && camera instanceof SimulatedCamera ? camera : null
    try {
      if (kind !== 'limits' && kind !== 'dark-frame') await goTo(bench, opened, at ?? placeFor(kind, opened))
      lamp?.setLight(0)
      return await MEASUREMENTS[kind](bench, known['dark-frame'])
    } catch (error) {
      // Whatever was under way: nothing goes on moving.
      await stage.halt().catch(() => undefined)
      throw error
    } finally {
      lamp?.setLight(1)
    }
  }

  return {
    list: os.list.handler(({ input: { rig } }) => {
      const name = rigName(rig)
      const history = casebook.calibrations(name, rig.objective)
      const newest = firstOfEach(history)
      const known = new Set(newest.map(({ result }) => result.kind))
      return {
        rig: name,
        objective: rig.objective,
        inUse: newest,
        unknown: CALIBRATION_KINDS.filter((kind) => !known.has(kind)),
        history,
      }
    }),
    measure: os.measure.handler(({ input, signal = new AbortController().signal }) =>
      withBoundaryErrors(measure(input, signal), log),
    ),
  }
}

/** A simulated smear is known: where its cells are, and where the glass is clear. null: stay where the stage stands. */
function placeFor(kind: CalibrationKind, { world }: StageRig): Place | null {
  if (!world) return null
  const { origin, width, height } = ON_CLEAR_GLASS.has(kind) ? world.extent : world.countable
  const yUm = origin.y + height / 2
  return { xUm: ON_CLEAR_GLASS.has(kind) ? origin.x - BESIDE_UM : origin.x + width / 2, yUm }
}

/** Z first. Where the stage stays and stands near where slides are in focus, the height a person has found is kept. */
async function goTo(
  { signal, say }: CalibrationBench,
  { stage, workingZUm }: StageRig,
  place: Place | null,
): Promise<void> {
  say('moving', 0, 1)
  const { zUm } = await stage.position()
  if (place) {
    await stage.moveTo({ zUm: stage.retractedZUm }, signal)
    await stage.moveTo({ xUm: place.xUm, yUm: place.yUm }, signal)
  }
  if (place || Math.abs(zUm - workingZUm) > FOCUS_RANGE_UM) await stage.moveTo({ zUm: workingZUm }, signal)
}
