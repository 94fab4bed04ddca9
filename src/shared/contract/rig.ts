import { z } from 'zod'
import { rigCamera } from './camera.ts'

/** Stage controllers there is a driver for, as a rig file names them. */
export const STAGE_DRIVERS = ['asi', 'prior', 'tango', 'zaber', 'grbl', 'marlin', 'sangaboard', 'ludl', 'uc2'] as const
export type StageDriver = (typeof STAGE_DRIVERS)[number]

const axisLimits = z
  .strictObject({ minUm: z.number(), maxUm: z.number() })
  .refine(({ minUm, maxUm }) => minUm < maxUm, 'minUm has to be below maxUm')

const direction = z.union([z.literal(1), z.literal(-1)])

/** What a rig file says of its stage, whatever the driver. Micrometres on the stage's own axes, z towards the slide. */
export const stageSettings = z
  .strictObject({
    /** Soft limits: targets beyond them are refused before anything moves. Leave `approachUm` of travel below each minimum. */
    limits: z.strictObject({ x: axisLimits, y: axisLimits, z: axisLimits }),
    /** Where the objective is clear of anything on the slide. */
    retractedZUm: z.number(),
    speedXyMmPerS: z.number().positive().default(10),
    speedZMmPerS: z.number().positive().default(1),
    /** Each axis arrives from so far below its target, to take up the backlash; 0: no backlash. More than the backlash itself. */
    approachUm: z
      .strictObject({
        x: z.number().min(0).default(5),
        y: z.number().min(0).default(5),
        z: z.number().min(0).default(2),
      })
      .prefault({}),
    /** From arrival until the vibration is gone. */
    settleMs: z.number().min(0).default(80),
    /**
     * How far neighbouring fields may lie to each other from where the stage says, along each axis, micrometres. Fields overlap by so much
     * more, so that nothing is left out between them; up to a little more they are found by their images.
     */
    placeErrorUm: z.number().min(0).max(20).default(5),
    /** -1: the controller counts the other way round than the stage's axes are meant. */
    direction: z
      .strictObject({ x: direction.default(1), y: direction.default(1), z: direction.default(1) })
      .prefault({}),
    /** Longest time that homing may take. */
    homeTimeoutMs: z.number().positive().default(60_000),
  })
  .refine(({ limits, retractedZUm }) => retractedZUm >= limits.z.minUm && retractedZUm <= limits.z.maxUm, {
    path: ['retractedZUm'],
    message: 'retractedZUm has to lie within the limits of z',
  })
export type StageSettings = z.infer<typeof stageSettings>

const stage = z.strictObject({
  driver: z.enum(STAGE_DRIVERS),
  /** The serial port: /dev/ttyUSB0, COM3. */
  port: z.string().min(1),
  /** Bits a second; absent: the driver's usual rate. */
  baud: z.number().int().positive().optional(),
  /** What the controller cannot tell, by driver. */
  options: z.record(z.string(), z.unknown()).default({}),
  settings: stageSettings,
})

/** A rectangle on the stage's own axes, micrometres. */
const area = z.strictObject({ x: axisLimits, y: axisLimits })

/** Which objective is in place: what a person calls it. Calibrations belong to it. */
export const objectiveName = z.string().trim().min(1).max(40)

/** A microscope, as a file a person can read and share. */
export const rigFile = z.strictObject({
  /** Of this format. */
  schema: z.literal(1),
  name: z.string().min(1).max(80),
  stage,
  camera: rigCamera,
  /** Height at which a slide is roughly in focus: where a focus search starts. */
  workingZUm: z.number(),
  /** How far the height for images lies above the one that focus is found at (another camera, a filter), micrometres. */
  focusOffsetUm: z.number().min(-50).max(50).default(0),
  /** Where the smear lies: what a scan visits. null: not known; the simulated camera knows its own. */
  area: area.nullable().default(null),
})
export type RigFile = z.infer<typeof rigFile>
