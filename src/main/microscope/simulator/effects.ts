import type { ImageEffects } from './world.ts'

/** A good camera on a well set microscope: the corners 12 % darker, noise of two to three grey levels, a few stuck pixels. */
export const DEFAULT_EFFECTS: ImageEffects = {
  vignetting: 0.12,
  fullWellElectrons: 8_000,
  readNoiseElectrons: 8,
  hotPixelShare: 0.000_004,
  light: 1,
  tint: [1, 1, 1],
  shade: [0, 0],
  blackLevel: 0,
}

/** A perfect camera: the slide as it is. */
export const NO_EFFECTS: ImageEffects = {
  vignetting: 0,
  fullWellElectrons: Number.POSITIVE_INFINITY,
  readNoiseElectrons: 0,
  hotPixelShare: 0,
  light: 1,
  tint: [1, 1, 1],
  shade: [0, 0],
  blackLevel: 0,
}
