import type { RealCamera } from '../../../../shared/contract/camera.ts'
import { MedullaError } from '../../../../shared/errors.ts'
import type { Camera } from '../camera.ts'

/** The camera that a rig file describes, once its first frame is here. Rejects `device-failed`, `device-taken`, `invalid-input`. */
export async function openCamera(camera: RealCamera): Promise<Camera> {
  throw new MedullaError('device-failed', `This version drives no camera of the kind ${camera.kind}`, {
    remedy: 'Use the simulated camera.',
  })
}
