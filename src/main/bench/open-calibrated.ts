import type { StageRigSettings } from '../../shared/contract/microscope.ts'
import { MedullaError } from '../../shared/errors.ts'
import type { Casebook } from '../casebook/casebook.ts'
import { calibratedRig } from '../microscope/calibration/calibrated-rig.ts'
import { inUse } from '../microscope/calibration/in-use.ts'
import type { StageRig } from '../microscope/rig.ts'
import { calibrationsInUse, timeScaleOf } from './calibrations-in-use.ts'

/** The microscope with everything that is known of it at work, and the numbers of the calibrations that say so. */
export async function openCalibrated(
  settings: StageRigSettings,
  casebook: Casebook,
  lend: (settings: StageRigSettings) => Promise<StageRig>,
): Promise<{ readonly rig: StageRig; readonly calibrations: readonly number[] }> {
  const known = calibrationsInUse(casebook, settings)
  const opened = await lend(settings)
  try {
    return {
      rig: calibratedRig(opened, inUse(known), timeScaleOf(settings)),
      calibrations: known.map(({ id }) => id),
    }
  } catch (error) {
    await opened.close()
    throw error
  }
}

/** @throws MedullaError `device-failed` where it is not known. */
export function pixelSizeOf({ camera, name }: StageRig): number {
  if (camera.pixelSizeUm !== null) return camera.pixelSizeUm
  throw new MedullaError('device-failed', `The pixel size of ${name} is not known.`, {
    remedy: 'Calibrate it (`calibrate pixel-size`), or write camera.pixelSizeUm into the rig file, before scanning.',
  })
}
