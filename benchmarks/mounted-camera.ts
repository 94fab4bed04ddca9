import { FrameCorrection } from '../src/main/microscope/calibration/frame-correction.ts'
import { NOTHING_KNOWN } from '../src/main/microscope/calibration/in-use.ts'
import { DEFAULT_EFFECTS } from '../src/main/microscope/simulator/effects.ts'
import { MOUNTED_BINNING, randomMount } from '../src/main/microscope/simulator/random-mount.ts'
import type { SimulatedCameraOptions } from '../src/main/microscope/simulator/simulated-camera-options.ts'
import type { RenderRequest } from '../src/main/microscope/simulator/world.ts'
import { type CameraPose, cameraTransform } from '../src/shared/camera-transform.ts'
import type { CalibrationOf, CalibrationResult } from '../src/shared/contract/calibration.ts'
import type { RgbImage } from '../src/shared/image.ts'

/** A camera of a benchmark, whose images lie along the stage's axes, once they are corrected where it is turned. */
export interface MountedCamera {
  /** Of corrected images. */
  readonly widthPx: number
  readonly heightPx: number
  readonly pixelSizeUm: number
  /** null: along the stage's axes. */
  readonly pose: CameraPose | null
  /** What it asks of a world. */
  readonly request: Pick<RenderRequest, 'widthPx' | 'heightPx' | 'pixelSizeUm' | 'transform' | 'effects'>
  corrected(frame: RgbImage): RgbImage
}

interface Asked {
  /** As `calibrate --mount N` has it: turned, mirrored, unevenly lit, and of coarser pixels. */
  readonly mount: number | null
  /** In place of the mount's. */
  readonly pixelSizeUm: number | null
  readonly widthPx: number | null
  readonly heightPx: number | null
}

/** Calibrated without error where it is mounted, its light left as it is. */
export function mountedCamera({ mount, pixelSizeUm: asked, ...size }: Asked): MountedCamera {
  const mounted = mount === null ? null : randomMount(mount, MOUNTED_BINNING)
  const pixelSizeUm = asked ?? mounted?.pose.pixelSizeUm ?? 0.092
  const sensor = {
    widthPx: size.widthPx ?? mounted?.options.camera?.widthPx ?? 2048,
    heightPx: size.heightPx ?? mounted?.options.camera?.heightPx ?? 1536,
  }
  if (mounted === null) {
    const request = { ...sensor, pixelSizeUm, effects: DEFAULT_EFFECTS }
    return { ...sensor, pixelSizeUm, pose: null, request, corrected: (frame) => frame }
  }
  const pose = { ...mounted.pose, pixelSizeUm }
  const known = poseKnown(pose, sensor)
  const correction = new FrameCorrection(sensor, { ...NOTHING_KNOWN, 'pixel-size': known })
  return {
    widthPx: correction.widthPx,
    heightPx: correction.heightPx,
    pixelSizeUm,
    pose,
    request: {
      ...sensor,
      pixelSizeUm,
      transform: known.transform,
      effects: { ...DEFAULT_EFFECTS, ...mounted.options.effects },
    },
    corrected: (frame) => correction.apply(frame),
  }
}

/** What calibration finds of a camera that is mounted so, without error. */
export function poseKnown(
  pose: CameraPose,
  { widthPx, heightPx }: { readonly widthPx: number; readonly heightPx: number },
): CalibrationOf<'pixel-size'> {
  const measured = { pixelSizeErrorPercent: 0, rotationErrorDegrees: 0, residualPx: 0, moves: 20, leftOut: 0 }
  return { kind: 'pixel-size', ...pose, transform: cameraTransform(pose), ...measured, widthPx, heightPx }
}

/** A simulated microscope's camera that is turned a little, as real ones are. */
export interface TurnedCamera {
  readonly options: Partial<SimulatedCameraOptions>
  /** Each frame's light is put right by them, and it is laid along the stage's axes. */
  calibrationsOf(sensor: { readonly widthPx: number; readonly heightPx: number }): CalibrationResult[]
}

/** @param degrees null: along the stage's axes, and nothing is known of it, as nothing has to be. */
export function turnedCamera(degrees: number | null): TurnedCamera {
  if (degrees === null) return { options: {}, calibrationsOf: () => [] }
  const pose = { pixelSizeUm: 0.092, rotationDegrees: degrees, mirrored: false, skewDegrees: 0, aspect: 1 }
  return {
    options: { transform: cameraTransform(pose) },
    calibrationsOf: (sensor) => [
      poseKnown(pose, sensor),
      { kind: 'white-balance', gains: [1, 1, 1], errorPercent: 0, frames: 1 },
    ],
  }
}
