import { type CameraPose, cameraTransform } from '../../../shared/camera-transform.ts'
import type { SimulatedRigOptions } from '../simulated-rig.ts'
import { DEFAULT_EFFECTS } from './effects.ts'
import { hash, Random } from './random.ts'
import { DEFAULT_CAMERA_OPTIONS } from './simulated-camera-options.ts'
import { DEFAULT_STAGE_OPTIONS } from './simulated-stage-options.ts'

export interface RandomMount {
  /** How the camera is really mounted; the rig does not tell. */
  readonly pose: CameraPose
  readonly backlashUm: { readonly x: number; readonly y: number; readonly z: number }
  readonly options: Pick<SimulatedRigOptions, 'camera' | 'stage' | 'effects'>
}

/** A camera of less than a megapixel: measuring it takes a quarter of the time. */
export const MOUNTED_BINNING = 2

/**
 * A microscope as somebody put it together: the camera at any angle, mirrored or not, axes not quite at right angles, backlash that may
 * be more than the stage takes up, a lamp out of its middle and a camera that tints. The same seed gives the same one.
 * @param binning the camera's pixels along each side of one that it delivers: 2 sees the same field, in a quarter of the time.
 */
export function randomMount(seed: number, binning = 1): RandomMount {
  const random = new Random(hash(seed, 0x3077))
  const pose: CameraPose = {
    pixelSizeUm: binning * random.range(0.075, 0.13),
    rotationDegrees: random.range(-180, 180),
    mirrored: random.chance(0.5),
    skewDegrees: random.range(-1, 1),
    aspect: random.range(0.99, 1.01),
  }
  const xyUm = random.range(0.5, 8)
  const zUm = random.range(0.1, 1.5)
  const vibrationMs = random.range(40, 120)
  const { xy, z } = DEFAULT_STAGE_OPTIONS
  return {
    pose,
    backlashUm: { x: xyUm, y: xyUm, z: zUm },
    options: {
      camera: {
        widthPx: Math.floor(DEFAULT_CAMERA_OPTIONS.widthPx / binning),
        heightPx: Math.floor(DEFAULT_CAMERA_OPTIONS.heightPx / binning),
        transform: cameraTransform(pose),
      },
      stage: {
        xy: { ...xy, backlashUm: xyUm, ringingUm: random.range(0.2, 1), ringingPeriodMs: random.range(10, 30) },
        z: { ...z, backlashUm: zUm },
        vibrationMs,
        settleMs: 150,
      },
      effects: {
        ...DEFAULT_EFFECTS,
        vignetting: random.range(0.05, 0.25),
        fullWellElectrons: random.range(4_000, 12_000),
        hotPixelShare: random.range(0, 0.000_02),
        shade: [random.range(0, 0.15), random.range(0, 0.15)],
        tint: [random.range(0.8, 1), random.range(0.8, 1), random.range(0.8, 1)],
        blackLevel: random.range(0, 6),
      },
    },
  }
}
