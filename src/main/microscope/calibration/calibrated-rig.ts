import type { Camera, Exposure } from '../camera/camera.ts'
import type { StageRig } from '../rig.ts'
import { calibratedStage } from './calibrated-stage.ts'
import { FrameCorrection } from './frame-correction.ts'
import type { CalibrationsInUse } from './in-use.ts'

/**
 * The rig with what is known of its stage and camera at work in every move and frame.
 * @param timeScale see `calibratedStage`. @throws MedullaError as `FrameCorrection`.
 */
export function calibratedRig(rig: StageRig, known: CalibrationsInUse, timeScale = 1): StageRig {
  const stage = calibratedStage(rig.stage, known, timeScale)
  const { 'pixel-size': size, 'dark-frame': dark, 'flat-field': flat, 'white-balance': white } = known
  if (!size && !dark && !flat && !white) return { ...rig, stage }
  const { camera } = rig
  const correction = new FrameCorrection({ widthPx: camera.widthPx, heightPx: camera.heightPx }, known)
  return { ...rig, stage, camera: calibratedCamera(camera, correction) }
}

function calibratedCamera(camera: Camera, correction: FrameCorrection): Camera {
  return {
    name: camera.name,
    widthPx: correction.widthPx,
    heightPx: correction.heightPx,
    pixelSizeUm: correction.pixelSizeUm ?? camera.pixelSizeUm,
    controls: camera.controls,
    get state() {
      return camera.state
    },
    get notices() {
      return camera.notices
    },
    get flow() {
      return camera.flow
    },
    get values() {
      return camera.values
    },
    configure: (values) => camera.configure(values),
    async startCaptureAfter(tMs, signal): Promise<Exposure> {
      const exposure = await camera.startCaptureAfter(tMs, signal)
      const frame = exposure.frame.then((raw) => ({ ...raw, ...correction.apply(raw) }))
      frame.catch(() => undefined)
      return { ...exposure, frame }
    },
    close: () => camera.close(),
  }
}
