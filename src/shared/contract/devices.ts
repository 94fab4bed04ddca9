import { z } from 'zod'
import { procedure } from './base.ts'
import { STAGE_DRIVERS } from './rig.ts'

export const serialPort = z.object({
  path: z.string(),
  /** What the system knows of it; null: nothing. */
  manufacturer: z.string().nullable(),
  /** The controller that answered there. null: nobody did, or the port was not asked. */
  controller: z.object({ driver: z.enum(STAGE_DRIVERS), identity: z.string(), baud: z.number().int() }).nullable(),
  /** Why nobody answered, in words; null where somebody did. */
  note: z.string().nullable(),
})
export type SerialPortFound = z.infer<typeof serialPort>

/** A camera the system or Aravis knows of; it has not been opened. As a rig file names it. */
export const cameraFound = z.object({
  kind: z.enum(['ffmpeg', 'aravis']),
  /** `camera.format` of a camera that ffmpeg opens; null: of `aravis`. */
  format: z.string().nullable(),
  /** `camera.source` for ffmpeg, `camera.camera` for Aravis. */
  source: z.string(),
  /** For people. */
  name: z.string(),
})
export type CameraFound = z.infer<typeof cameraFound>

export const devices = {
  /** Lists the serial ports, and asks who is there with questions that move nothing; and the cameras there are, none of which is opened. */
  list: procedure
    .input(
      z.object({
        /** Ports the system does not list, pseudo-terminals for example. */
        ports: z.array(z.string().min(1)).default([]),
        /** Also asks boards that restart when their port is opened: their position is lost. */
        restarting: z.boolean().default(false),
      }),
    )
    .output(
      z.object({
        ports: z.array(serialPort),
        cameras: z.array(cameraFound),
        /** Where no cameras could be looked for, and why, in words. */
        cameraNotes: z.array(z.string()),
      }),
    ),
}
