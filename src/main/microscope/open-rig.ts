import type { StageRigSettings } from '../../shared/contract/microscope.ts'
import type { StageRig } from './rig.ts'
import { openRigFile } from './rig-file.ts'
import { openSimulatedRig } from './simulated-rig.ts'
import { randomMount } from './simulator/random-mount.ts'
import { WORN_MECHANICS } from './simulator/simulated-stage-options.ts'

/** A camera of less than a megapixel: measuring it takes a quarter of the time. */
const MOUNTED_BINNING = 2

/** The microscope that the settings stand for, as it is: nothing is calibrated. Nothing moves. Rejects as `openRigFile`. */
export async function openRig(settings: StageRigSettings): Promise<StageRig> {
  if (settings.kind === 'microscope') return openRigFile(settings.rig)
  const { profile, seed, timeScale, mount, stage } = settings
  const mounted = mount === null ? null : randomMount(mount, MOUNTED_BINNING).options
  return openSimulatedRig({
    profile,
    seed,
    timeScale,
    ...mounted,
    stage: { ...(stage === 'worn' && WORN_MECHANICS), ...mounted?.stage },
  })
}
