import { z } from 'zod'

const axisLimits = z
  .strictObject({ minUm: z.number(), maxUm: z.number() })
  .refine(({ minUm, maxUm }) => minUm < maxUm, 'minUm has to be below maxUm')

const direction = z.union([z.literal(1), z.literal(-1)])

/** What a rig file says of its stage, whatever the driver. Micrometres on the stage's own axes, z towards the slide. */
export const stageSettings = z.strictObject({
  /** Soft limits: targets beyond them are refused before anything moves. Leave `approachUm` of travel below each minimum. */
  limits: z.strictObject({ x: axisLimits, y: axisLimits, z: axisLimits }),
  /** Where the objective is clear of anything on the slide. */
  retractedZUm: z.number(),
  speedXyMmPerS: z.number().positive().default(10),
  speedZMmPerS: z.number().positive().default(1),
  /** Each axis arrives from so far below its target, to take up the backlash; 0: no backlash. More than the backlash itself. */
  approachUm: z
    .strictObject({ x: z.number().min(0).default(5), y: z.number().min(0).default(5), z: z.number().min(0).default(2) })
    .prefault({}),
  /** From arrival until the vibration is gone. */
  settleMs: z.number().min(0).default(80),
  /** -1: the controller counts the other way round than the stage's axes are meant. */
  direction: z.strictObject({ x: direction.default(1), y: direction.default(1), z: direction.default(1) }).prefault({}),
  /** Longest time that homing may take. */
  homeTimeoutMs: z.number().positive().default(60_000),
})
export type StageSettings = z.infer<typeof stageSettings>
