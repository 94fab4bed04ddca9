import type { CameraControl } from '../../../shared/contract/camera.ts'
import type { RgbImage } from '../../../shared/image.ts'

/**
 * One exposure. Times are `performance.now()` of this process, milliseconds. Where they are not known exactly they enclose the
 * exposure: it began no earlier than `exposureStartMs` and ended no later than `exposureEndMs`.
 */
export interface Frame extends RgbImage {
  /** Counts every exposure since the camera was opened, also those that were lost (as far as that can be told) or never asked for. */
  readonly sequence: number
  readonly exposureStartMs: number
  readonly exposureEndMs: number
}

/** An exposure that is over, while its pixels may still be on their way. */
export interface Exposure {
  readonly sequence: number
  readonly exposureStartMs: number
  readonly exposureEndMs: number
  /** Read out and transferred. Rejects `device-failed`, or with the reason of the signal. A rejection nobody awaits is not reported. */
  readonly frame: Promise<Frame>
}

/** streaming: frames arrive. disconnected: none do; it is being tried again. closed: for good. */
export type CameraState = 'streaming' | 'disconnected' | 'closed'

/** What happened to a camera without having been asked for. Times are `performance.now()` of this process. */
export interface CameraNotice {
  readonly atMs: number
  /** lost-frames: some exposures never arrived. disconnected: no frames any more. reconnected: they arrive again. */
  readonly kind: 'lost-frames' | 'disconnected' | 'reconnected'
  readonly message: string
}

/** How the frames come in. */
export interface CameraFlow {
  /** Frames that arrived whole since the camera was opened, whether somebody wanted them or not. */
  readonly received: number
  /** Frames that the camera, its driver or the way here lost, as far as gaps in their numbers or times tell. */
  readonly dropped: number
  /** Over the last second or so; null: fewer than two frames. */
  readonly framesPerS: number | null
  /** From the start of the newest exposure (no earlier than that) to its pixels being here, milliseconds; null: no frame yet. */
  readonly latencyMs: number | null
}

/** What a control can be set to; `step` null: any value between. */
export interface ControlRange {
  readonly min: number
  readonly max: number
  readonly step: number | null
}

/** By control; null: this camera has no such control. */
export type CameraControls = Readonly<Record<CameraControl, ControlRange | null>>

/** By control; null: not known, or left to the camera itself (automatic). */
export type CameraValues = Readonly<Record<CameraControl, number | null>>

export interface Camera {
  /** What the camera calls itself. */
  readonly name: string
  readonly widthPx: number
  readonly heightPx: number
  /** Micrometres a pixel on the slide; null: not known. */
  readonly pixelSizeUm: number | null
  readonly state: CameraState
  /** The newest last; the oldest are forgotten. */
  readonly notices: readonly CameraNotice[]
  readonly flow: CameraFlow
  readonly controls: CameraControls
  readonly values: CameraValues
  /**
   * Sets these controls and leaves the others. Resolves with what is now set once every frame that a later call of
   * `startCaptureAfter` gives is exposed with it: frames exposed before are never taken for new ones. Captures that wait meanwhile go on
   * waiting. Rejects `invalid-input` before anything changes (no such control, out of its range), `device-failed`.
   */
  configure(values: Partial<Record<CameraControl, number>>): Promise<CameraValues>
  /**
   * Waits for the first frame whose exposure began at or after `tMs`: never an older one, whatever the camera, the system or the
   * programs between had buffered. Several callers may wait at once. Resolves as soon as its exposure is over: from then on the
   * stage may move, while `frame` is read out. Rejects `capture-timeout` when none comes, `device-failed` within two seconds where
   * the camera is gone (it may be there again for the next call); aborting rejects with the signal's reason.
   */
  startCaptureAfter(tMs: number, signal?: AbortSignal): Promise<Exposure>
  /** Ends everything that belongs to the camera, child processes included. Captures that wait reject `device-failed`. */
  close(): Promise<void>
}

/** The first frame whose exposure began at or after `tMs`, with its pixels. Rejects as `Camera.startCaptureAfter`. */
export async function captureAfter(camera: Camera, tMs: number, signal?: AbortSignal): Promise<Frame> {
  const exposure = await camera.startCaptureAfter(tMs, signal)
  return exposure.frame
}

/** Of a camera that has none of them. */
export const NO_CONTROLS = {
  exposureMs: null,
  gain: null,
  whiteBalanceK: null,
  redRatio: null,
  blueRatio: null,
} as const
