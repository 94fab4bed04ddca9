import type { StageLimits, StagePosition } from '../stage/stage.ts'
import type { StageError } from './stage-error.ts'

/** Mechanics of one simulated axis; see `SimulatedAxisOptions` for what each does. */
export interface AxisMechanics {
  readonly speedMmPerS: number
  readonly accelerationMmPerS2: number
  readonly backlashUm: number
  readonly approachUm: number
  readonly stepsPerUm: number
  readonly ringingUm: number
  readonly ringingPeriodMs: number
}

export interface SimulatedStageOptions extends StageError {
  /** Of everything drawn by chance. */
  readonly seed: number
  /** 10: ten times faster than life. */
  readonly timeScale: number
  /** Soft limits: targets beyond them are refused. */
  readonly limits: StageLimits
  /** How far beyond the soft limits the limit switches sit, micrometres. */
  readonly hardMarginUm: number
  readonly retractedZUm: number
  /** Where the controller stands when it is switched on; null: middle of the travel, objective retracted. */
  readonly start: StagePosition | null
  readonly xy: AxisMechanics
  readonly z: AxisMechanics
  /** How long the stage vibrates after its arrival, milliseconds. */
  readonly vibrationMs: number
  /** Wait after arrival until vibration is gone, milliseconds. */
  readonly settleMs: number
  /** From sending a command to the start of the motion, milliseconds. */
  readonly commandMs: number
  /** Without an answer for this long beyond the expected end, the controller counts as silent; milliseconds. */
  readonly replyTimeoutMs: number
}

/** A stepper stage of the better sort with a 100x oil objective: a step of 170 um takes about 0.14 s with settling. */
export const DEFAULT_STAGE_OPTIONS: SimulatedStageOptions = {
  seed: 1,
  timeScale: 1,
  limits: {
    x: { minUm: -5000, maxUm: 5000 },
    y: { minUm: -5000, maxUm: 5000 },
    z: { minUm: -2000, maxUm: 200 },
  },
  hardMarginUm: 100,
  retractedZUm: -1000,
  start: null,
  xy: {
    speedMmPerS: 20,
    accelerationMmPerS2: 200,
    backlashUm: 2,
    approachUm: 5,
    stepsPerUm: 10,
    ringingUm: 0.5,
    ringingPeriodMs: 14,
  },
  z: {
    speedMmPerS: 2,
    accelerationMmPerS2: 20,
    backlashUm: 0.5,
    approachUm: 2,
    stepsPerUm: 20,
    ringingUm: 0.1,
    ringingPeriodMs: 9,
  },
  vibrationMs: 80,
  settleMs: 80,
  positionErrorUm: 0.4,
  scatterUm: 0,
  commandMs: 2,
  replyTimeoutMs: 1000,
}

/**
 * A stage that has served for years: 3 um of backlash, and off by 5 um rms in x and in y, nearly all of it by its drives. The position that
 * it reads back shows none of this.
 */
export const WORN_MECHANICS: Pick<SimulatedStageOptions, 'xy' | 'positionErrorUm' | 'scatterUm'> = {
  xy: { ...DEFAULT_STAGE_OPTIONS.xy, backlashUm: 3 },
  positionErrorUm: 11.72,
  scatterUm: 0.1,
}

/** The stage above without backlash, vibration or error of position. */
export const IDEAL_MECHANICS: Pick<SimulatedStageOptions, 'xy' | 'z' | 'positionErrorUm' | 'scatterUm'> = {
  xy: { ...DEFAULT_STAGE_OPTIONS.xy, backlashUm: 0, approachUm: 0, ringingUm: 0 },
  z: { ...DEFAULT_STAGE_OPTIONS.z, backlashUm: 0, approachUm: 0, ringingUm: 0 },
  positionErrorUm: 0,
  scatterUm: 0,
}
