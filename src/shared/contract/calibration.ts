import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { procedure } from './base.ts'
import { stageRigSettings } from './microscope.ts'
import { objectiveName } from './rig.ts'

/** What can be measured of a microscope. */
export const CALIBRATION_KINDS = [
  'pixel-size',
  'dark-frame',
  'flat-field',
  'white-balance',
  'backlash',
  'settle',
  'limits',
] as const
export const calibrationKind = z.enum(CALIBRATION_KINDS)
export type CalibrationKind = z.infer<typeof calibrationKind>

const size = { widthPx: z.number().int().positive(), heightPx: z.number().int().positive() }
/** Red, green, blue. */
const rgb = z.tuple([z.number(), z.number(), z.number()])

/** How the camera sees the stage: see `CameraTransform` and `CameraPose`, which this holds together. */
export const pixelSizeResult = z.object({
  kind: z.literal('pixel-size'),
  transform: z.object({ xx: z.number(), xy: z.number(), yx: z.number(), yy: z.number() }),
  pixelSizeUm: z.number().positive(),
  rotationDegrees: z.number(),
  mirrored: z.boolean(),
  skewDegrees: z.number(),
  aspect: z.number().positive(),
  /** Standard errors of the fit. */
  pixelSizeErrorPercent: z.number(),
  rotationErrorDegrees: z.number(),
  /** Root mean square distance of the moves from the fit. */
  residualPx: z.number(),
  moves: z.number().int(),
  /** Moves that did not fit the rest. */
  leftOut: z.number().int(),
  /** Of the images it was measured in. */
  ...size,
})

/** What the sensor reads without light. */
export const darkFrameResult = z.object({
  kind: z.literal('dark-frame'),
  ...size,
  /** Mean, grey levels. */
  level: rgb,
  noiseLevels: z.number(),
  /** Pixels that read far more than the others without light, as row x width + column. */
  stuck: z.array(z.number().int()),
  frames: z.number().int(),
})

/** How unevenly the light falls: by what each part of the image has to be multiplied. */
export const flatFieldResult = z.object({
  kind: z.literal('flat-field'),
  ...size,
  columns: z.number().int().min(2),
  rows: z.number().int().min(2),
  /** Row by row, red, green, blue; from the middle of the first block to that of the last, straight between. 1 at the brightest. */
  gains: z.array(rgb),
  /** What the corrected frames still differ by, root mean square. */
  errorPercent: z.number(),
  /** The darkest part against the brightest. */
  darkestPercent: z.number(),
  frames: z.number().int(),
  /** Whether a dark frame was known and taken off. */
  darkKnown: z.boolean(),
})

export const whiteBalanceResult = z.object({
  kind: z.literal('white-balance'),
  /** Clear glass becomes grey when multiplied by these; 1 for the brightest channel. */
  gains: rgb,
  errorPercent: z.number(),
  frames: z.number().int(),
})

const axisBacklash = z.object({ um: z.number(), errorUm: z.number() })
export const backlashResult = z.object({
  kind: z.literal('backlash'),
  x: axisBacklash,
  y: axisBacklash,
  /** null: not measured, for want of something to focus on. */
  z: axisBacklash.nullable(),
  repeats: z.number().int(),
})

export const settleResult = z.object({
  kind: z.literal('settle'),
  /** From the controller's word that it has arrived to the first frame that stands as the later ones do. */
  settleMs: z.number(),
  errorMs: z.number(),
  distanceUm: z.number(),
  moves: z.number().int(),
})

const travel = z.object({
  minUm: z.number(),
  maxUm: z.number(),
  /** Whether the stage was stopped there; false: the rig's own limit was reached freely. */
  minStopped: z.boolean(),
  maxStopped: z.boolean(),
})
export const limitsResult = z.object({
  kind: z.literal('limits'),
  x: travel,
  y: travel,
  errorUm: z.number(),
})

export const calibrationResult = z.discriminatedUnion('kind', [
  pixelSizeResult,
  darkFrameResult,
  flatFieldResult,
  whiteBalanceResult,
  backlashResult,
  settleResult,
  limitsResult,
])
export type CalibrationResult = z.infer<typeof calibrationResult>
export type CalibrationOf<K extends CalibrationKind> = Extract<CalibrationResult, { kind: K }>

export const keptCalibration = z.object({
  id: z.number().int(),
  /** Name of the microscope, as its rig file has it. */
  rig: z.string(),
  /** null: it has but one, or nobody said which. */
  objective: z.string().nullable(),
  measuredAt: z.string(),
  result: calibrationResult,
})
export type Calibration = z.infer<typeof keptCalibration>

export const calibrationEvent = z.discriminatedUnion('state', [
  z.object({ state: z.literal('working'), activity: z.string(), done: z.number().int(), of: z.number().int() }),
  z.object({ state: z.literal('measured'), calibration: keptCalibration }),
])
export type CalibrationEvent = z.infer<typeof calibrationEvent>

/** Of the rig and the objective that it names. */
export const calibration = {
  /** What is known: `inUse` the newest of each kind, what is missing unknown; `history` everything, newest first. */
  list: procedure.input(z.object({ rig: stageRigSettings })).output(
    z.object({
      rig: z.string(),
      objective: objectiveName.nullable(),
      inUse: z.array(keptCalibration),
      unknown: z.array(calibrationKind),
      history: z.array(keptCalibration),
    }),
  ),
  /**
   * Measures, and keeps what came of it beside what was measured before. How far it is, then the result. Aborting stops stage and
   * measurement; nothing is kept then, nor after a failure. `at`: where to go first; null: where the stage stands (a simulated one goes
   * to a place that suits).
   */
  measure: procedure
    .input(
      z.object({
        rig: stageRigSettings,
        kind: calibrationKind,
        at: z.object({ xUm: z.number(), yUm: z.number() }).nullable().default(null),
      }),
    )
    .output(eventIterator(calibrationEvent)),
}
