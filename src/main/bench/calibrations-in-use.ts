import type { Calibration } from '../../shared/contract/calibration.ts'
import type { StageRigSettings } from '../../shared/contract/microscope.ts'
import type { Casebook } from '../casebook/casebook.ts'
import { firstOfEach } from '../microscope/calibration/in-use.ts'

/** What calibrations of a rig are kept under: the name in its file. */
export function rigName(rig: StageRigSettings): string {
  if (rig.kind === 'microscope') return rig.rig.name
  return rig.mount === null ? 'Simulated microscope' : `Simulated microscope, mount ${rig.mount}`
}

/** The newest of each kind. None for the simulated microscope that knows itself: it is the reference that others are held against. */
export function calibrationsInUse(casebook: Casebook, rig: StageRigSettings): Calibration[] {
  if (rig.kind === 'simulated' && rig.mount === null) return []
  return firstOfEach(casebook.calibrations(rigName(rig), rig.objective))
}

/** Device milliseconds in one of this process. */
export function timeScaleOf(rig: StageRigSettings): number {
  return rig.kind === 'simulated' ? rig.timeScale : 1
}
