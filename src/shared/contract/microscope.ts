import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { procedure } from './base.ts'
import { CAMERA_CONTROLS, controlValues } from './camera.ts'
import { microscopeRig, simulatedRig } from './rig-settings.ts'
import { rigId } from './rigs.ts'

export const stageRigSettings = z.discriminatedUnion('kind', [simulatedRig, microscopeRig])
export type StageRigSettings = z.infer<typeof stageRigSettings>

const um = z.number()
const stagePosition = z.object({ xUm: um, yUm: um, zUm: um })
const axisLimits = z.object({ minUm: um, maxUm: um })

/**
 * nobody: no microscope is connected. hands: a person moves it from the window. scan: a run has it alone. task: something else has it
 * alone, a calibration for instance.
 */
export const holder = z.enum(['nobody', 'hands', 'scan', 'task'])

export const stageView = z.object({
  name: z.string(),
  /** What the controller calls itself; null: there is none (simulated). */
  identity: z.string().nullable(),
  state: z.enum(['idle', 'moving', 'homing', 'unreferenced', 'disconnected', 'closed']),
  /** Read back last; null: not known. */
  position: stagePosition.nullable(),
  limits: z.object({ x: axisLimits, y: axisLimits, z: axisLimits }),
  /** Where the objective is clear of anything on the slide. */
  retractedZUm: um,
  /** It can be asked to run to its reference. */
  canHome: z.boolean(),
})

const range = z.object({ min: z.number(), max: z.number(), step: z.number().nullable() })

export const cameraView = z.object({
  name: z.string(),
  state: z.enum(['streaming', 'disconnected', 'closed']),
  widthPx: z.number().int(),
  heightPx: z.number().int(),
  /** Micrometres a pixel; null: not known. */
  pixelSizeUm: z.number().nullable(),
  received: z.number().int(),
  dropped: z.number().int(),
  framesPerS: z.number().nullable(),
  latencyMs: z.number().nullable(),
  /** By control; null: the camera has no such control. */
  controls: z.record(z.enum(CAMERA_CONTROLS), range.nullable()),
  /** By control; null: not known, or left to the camera. */
  values: z.record(z.enum(CAMERA_CONTROLS), z.number().nullable()),
})

export const HISTOGRAM_BINS = 64

/** Of the newest frame. */
export const frameView = z.object({
  /** See GET /live.jpg. */
  sequence: z.number().int(),
  /** Share of the pixels in each of 64 steps of brightness, red, green and blue; 0-1. */
  histogram: z.object({
    red: z.array(z.number()).length(HISTOGRAM_BINS),
    green: z.array(z.number()).length(HISTOGRAM_BINS),
    blue: z.array(z.number()).length(HISTOGRAM_BINS),
  }),
  /** Share of the pixels with a channel at the end of the camera's scale; 0-1. */
  saturatedShare: z.number(),
})
export type FrameView = z.infer<typeof frameView>

export const microscopeLine = z.object({
  at: z.string(),
  kind: z.enum([
    'connected',
    'moved',
    'moved-by-hand',
    'halted',
    'disconnected',
    'reconnected',
    'lost-frames',
    'reset',
    'problem',
  ]),
  message: z.string(),
})
export type MicroscopeLine = z.infer<typeof microscopeLine>

export const microscopeView = z.object({
  holder,
  /** What the microscope is doing, in words; null: nothing. */
  activity: z.string().nullable(),
  /** It is being connected. */
  connecting: z.boolean(),
  /** The rig that is connected, or that a scan has; null: none. */
  rig: z
    .object({
      name: z.string(),
      /** Its file in the data folder; null: none (simulated, or not saved). */
      rigId: rigId.nullable(),
      /** As `runs.start` takes it. */
      settings: stageRigSettings,
    })
    .nullable(),
  stage: stageView.nullable(),
  camera: cameraView.nullable(),
  /** The motorised nosepiece's objective; null: changed by hand. */
  objective: z.string().nullable(),
  /** The driven lamp's brightness, 0-1; null: set by hand. */
  lamp: z.number().nullable(),
  frame: frameView.nullable(),
  /** Why it does not answer, and what to do; null: all is well. */
  problem: z.object({ message: z.string(), remedy: z.string() }).nullable(),
  /** What happened to stage and camera, the newest last. */
  log: z.array(microscopeLine),
})
export type MicroscopeView = z.infer<typeof microscopeView>

const direction = z.union([z.literal(-1), z.literal(0), z.literal(1)])

/** How long a drive goes on unless it is asked for again: a window that is gone moves nothing. */
export const DRIVE_LEASE_MS = 700

/**
 * A microscope in a person's hands. One at a time is connected; a scan takes it, or another, for itself, and gives it back. Nothing moves
 * unless asked. Everything that moves rejects `run-active` while something else has the microscope, `device-failed` without one.
 */
export const microscope = {
  view: procedure.output(microscopeView),
  /** Now and after each change, at most some times a second. While somebody watches, position and pictures are kept up to date. */
  events: procedure.output(eventIterator(microscopeView)),
  /** Opens stage and camera; nothing moves. One that was connected before is let go. Rejects `device-failed`, `device-taken`. */
  connect: procedure
    .input(z.object({ settings: stageRigSettings, rigId: rigId.nullable().default(null) }))
    .output(microscopeView),
  disconnect: procedure.output(microscopeView),
  /** The objective first where that is due. Resolves once the stage has settled. Rejects `position-out-of-limits`. */
  goTo: procedure.input(stagePosition.partial()).output(stagePosition),
  /** One step from where the stage stands; it ends at the limits. */
  step: procedure.input(z.object({ xUm: um.default(0), yUm: um.default(0), zUm: um.default(0) })).output(stagePosition),
  /**
   * Steps into one direction for as long as it is asked for again within `DRIVE_LEASE_MS`; all zero: stop at once. Answers when the order
   * is taken.
   */
  drive: procedure
    .input(
      z.object({
        x: direction,
        y: direction,
        z: direction,
        /** Micrometres of one step. */
        stepXyUm: um.positive().max(5000),
        stepZUm: um.positive().max(200),
      }),
    )
    .output(z.object({ driving: z.boolean() })),
  /** Goes ahead of everything, also of what a scan does with the stage. */
  halt: procedure.output(z.object({})),
  /** Runs the axes to their reference, z first. Rejects `device-failed` where there is none. */
  home: procedure.output(stagePosition),
  /** Takes the objective out of the way. */
  retract: procedure.output(stagePosition),
  /** Sets controls of the camera. */
  configure: procedure.input(controlValues).output(microscopeView),
}
