import type { CameraTransform } from '../../../shared/camera-transform.ts'
import type { ImageEffects } from './world.ts'

export interface SimulatedCameraOptions {
  /** Of everything drawn by chance. */
  readonly seed: number
  /** 10: ten times faster than life. */
  readonly timeScale: number
  readonly widthPx: number
  readonly heightPx: number
  readonly pixelSizeUm: number
  /** How it is really mounted, which it does not tell: its pixel size is then not known either. null: along the stage's axes. */
  readonly transform: CameraTransform | null
  readonly exposureMs: number
  /** From the start of one free-running exposure to the next, milliseconds; at least the exposure. */
  readonly framePeriodMs: number
  /** From the end of an exposure until its pixels are here, milliseconds. */
  readonly readoutMs: number
  /** Frames the driver keeps while nobody reads: the newest ones, and the first that a reader is given. */
  readonly bufferedFrames: number
  /** Share of frames that are lost, 0-1. */
  readonly dropShare: number
  /** Share of frames that the driver delivers twice, 0-1. */
  readonly duplicateShare: number
  /** Share of captures for which no frame comes, 0-1. */
  readonly timeoutShare: number
  /** Longest wait for the next frame, milliseconds. */
  readonly timeoutMs: number
  readonly effects: ImageEffects
  /** Whether its cable is in. */
  readonly isPlugged: () => boolean
  /** Whether it gives its newest image again, as a new frame each time. */
  readonly isHung: () => boolean
}

/** A 3 megapixel USB3 camera behind a 100x oil objective, light enough for 12 ms; it reads out while it exposes. */
export const DEFAULT_CAMERA_OPTIONS: Omit<SimulatedCameraOptions, 'effects'> = {
  seed: 1,
  timeScale: 1,
  widthPx: 2048,
  heightPx: 1536,
  pixelSizeUm: 0.092,
  transform: null,
  exposureMs: 12,
  framePeriodMs: 13,
  readoutMs: 8,
  bufferedFrames: 2,
  dropShare: 0.002,
  duplicateShare: 0.002,
  timeoutShare: 0,
  timeoutMs: 2000,
  isPlugged: () => true,
  isHung: () => false,
}
