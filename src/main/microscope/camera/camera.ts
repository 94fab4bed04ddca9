import type { RgbImage } from '../../../shared/image.ts'

/** One exposure. Times are `performance.now()` of this process, milliseconds. */
export interface Frame extends RgbImage {
  /** Counts every exposure since the camera was opened, also those that were lost or never asked for. */
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

export interface Camera {
  readonly name: string
  readonly widthPx: number
  readonly heightPx: number
  /** Micrometres a pixel on the slide; null: not known. */
  readonly pixelSizeUm: number | null
  readonly exposureMs: number
  /** Frames the camera or its driver lost while somebody waited for them, since it was opened. */
  readonly droppedFrames: number
  /**
   * Waits for the first frame whose exposure began at or after `tMs`: never an older one, whatever the camera had buffered.
   * Resolves as soon as its exposure is over: from then on the stage may move, while `frame` is read out.
   * Rejects `capture-timeout` when none comes, `device-failed`; aborting rejects with the signal's reason.
   */
  startCaptureAfter(tMs: number, signal?: AbortSignal): Promise<Exposure>
  close(): Promise<void>
}

/** The first frame whose exposure began at or after `tMs`, with its pixels. Rejects as `Camera.startCaptureAfter`. */
export async function captureAfter(camera: Camera, tMs: number, signal?: AbortSignal): Promise<Frame> {
  const exposure = await camera.startCaptureAfter(tMs, signal)
  return exposure.frame
}
