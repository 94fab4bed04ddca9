import type { RgbImage } from '../../../shared/image.ts'

/** One exposure. Times are `performance.now()` of this process, milliseconds. */
export interface Frame extends RgbImage {
  readonly sequence: number
  readonly exposureStartMs: number
  readonly exposureEndMs: number
}

export interface Camera {
  readonly name: string
  readonly widthPx: number
  readonly heightPx: number
  /** Micrometres a pixel on the slide; null: not known. */
  readonly pixelSizeUm: number | null
  readonly exposureMs: number
  /** Frames the camera or its driver lost since it was opened. */
  readonly droppedFrames: number
  /**
   * The first frame whose exposure began at or after `tMs`: never an older one, whatever the camera had buffered.
   * Rejects `capture-timeout` when none comes, `device-failed`.
   */
  captureAfter(tMs: number, signal?: AbortSignal): Promise<Frame>
  close(): Promise<void>
}
