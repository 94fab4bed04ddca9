import type { CameraControl } from '../../../shared/contract/camera.ts'
import type { MedullaError } from '../../../shared/errors.ts'
import type { CameraControls, CameraValues } from './camera.ts'
import type { RawFormat } from './pixels.ts'

export type ControlChange = Partial<Record<CameraControl, number>>

export interface StreamEvents {
  /** @param data as `CameraDriver.format` has it, valid until this returns. @param stampMs its time stamp, by the source's own clock. */
  frame(data: Uint8Array, stampMs: number): void
  /** Anything came, also part of a frame. */
  alive(): void
  /** Once: nothing more comes, for this reason. Never after `stop`. */
  failed(error: MedullaError): void
}

/** Frames on their way from a camera. */
export interface FrameStream {
  /** Resolves once everything that belongs to it has ended, child processes included. */
  stop(): Promise<void>
}

/** What tells one kind of camera from another; `StreamingCamera` does the rest. */
export interface CameraDriver {
  /** What the camera calls itself. */
  readonly name: string
  readonly widthPx: number
  readonly heightPx: number
  readonly format: RawFormat
  readonly pixelSizeUm: number | null
  /** From one exposure to the next, as the rig file has it. */
  readonly framePeriodMs: number
  /** Longest time from the start of an exposure to its stamp, milliseconds; with a clock of its own, to the quickest frame's arrival. */
  readonly latencyMs: number
  /** Stamps should be of this computer's monotonic clock. */
  readonly hostClock: boolean
  /** What to do where none of its frames arrive, or too few. */
  readonly fewFramesRemedy: string
  readonly controls: CameraControls
  /** At first. */
  readonly values: CameraValues
  /** Starts the camera with these values. Its frames and its end come as events. */
  start(values: CameraValues, events: StreamEvents): FrameStream
  /**
   * Sets controls of a camera that goes on streaming. Rejects `device-failed`. null: the stream has to be started anew for it.
   */
  readonly apply: ((change: ControlChange) => Promise<void>) | null
}
