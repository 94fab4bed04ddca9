import type { Calibration } from '../../shared/contract/calibration.ts'
import type { StageRigSettings } from '../../shared/contract/microscope.ts'
import type { Casebook } from '../casebook/casebook.ts'
import { firstOfEach } from '../microscope/calibration/in-use.ts'

/** What calibrations of a rig are kept under: the name in its file. */
export function rigName(rig: StageRigSettings): string {
  if (rig.kind === 'microscope') return rig.rig.name
  return rig.mount === null ? 'Simulated microscope' : `Simulated microscope, mount ${rig.mount}`
}

/** The newest of each kind. */
export function calibrationsInUse(casebook: Pick<Casebook, 'calibrations'>, rig: StageRigSettings): Calibration[] {
  return firstOfEach(casebook.calibrations(rigName(rig), rig.objective))
}

/** Device milliseconds in one of this process. */
export function timeScaleOf(rig: StageRigSettings): number {
  return rig.kind === 'simulated' ? rig.timeScale : 1
}
