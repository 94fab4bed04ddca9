import type { CameraTransform } from '../../../shared/camera-transform.ts'
import type { Rect, StageUm } from '../../../shared/geometry.ts'
import type { RgbImage } from '../../../shared/image.ts'
import type { ClassCode } from '../../../shared/taxonomy.ts'

export const PROFILES = ['normal', 'aml', 'myeloma', 'cll', 'eosinophilia', 'needle'] as const
export type Profile = (typeof PROFILES)[number]

export interface TruthCell {
  /** Unique within the world, the same in every process with the same seed and profile. */
  readonly id: number
  readonly class: ClassCode
  readonly centre: StageUm
  readonly widthUm: number
  readonly heightUm: number
}

/** Optical and sensor effects; every one can be set to nothing (see `simulator/effects.ts`). */
export interface ImageEffects {
  /** Relative loss of light in the corners, 0-1. */
  readonly vignetting: number
  /** Electrons at full scale: shot noise grows as this falls. Infinity: none. */
  readonly fullWellElectrons: number
  readonly readNoiseElectrons: number
  /** Share of pixels that are stuck bright, the same ones in every frame. */
  readonly hotPixelShare: number
  /** Of the lamp, on all three channels or on each: 1 as it is set for scanning, 0 off, above 1 too bright. */
  readonly light: number
  readonly tint: readonly [red: number, green: number, blue: number]
  /** Relative loss of light from the left edge to the right one and from top to bottom, 0-1: a lamp out of its middle. */
  readonly shade: readonly [across: number, down: number]
  /** What the sensor reads without light, grey levels. */
  readonly blackLevel: number
}

export interface RenderRequest {
  /** What the middle of the image looks at. */
  readonly centre: StageUm
  /** The objective's height; blur grows with its distance from `bestFocusUm`. */
  readonly zUm: number
  readonly widthPx: number
  readonly heightPx: number
  readonly pixelSizeUm: number
  /** How the camera is mounted; absent: along the stage's axes. `pixelSizeUm` is its pixel size. */
  readonly transform?: CameraTransform
  /** Stage travel during the exposure, micrometres: smears the image. */
  readonly travelUm: StageUm
  readonly effects: ImageEffects
  /** Seed of the frame's shot and read noise. */
  readonly noiseSeed: number
}

/** One seeded smear that the simulated stage and camera look at. The same seed and profile give the same smear anywhere. */
export interface World {
  readonly seed: number
  readonly profile: Profile
  /** The smear's extent on the stage, micrometres. */
  readonly extent: Rect<StageUm>
  /** Where to start a count: the middle of the thin, well spread area. */
  readonly countable: Rect<StageUm>
  /** Height of best focus at a point, micrometres: tilt and curvature of the slide. */
  bestFocusUm(at: StageUm): number
  /** Every nucleated cell, whole or damaged, whose centre lies in the rectangle. Debris of a cell's size (class ART too) is none. */
  truthIn(area: Rect<StageUm>): TruthCell[]
  /** Drawn by workers; pixels sit on a SharedArrayBuffer. */
  render(request: RenderRequest): Promise<RgbImage>
  close(): Promise<void>
}
