import type { StageRigSettings } from '../../shared/contract/microscope.ts'
import type { StageRig } from './rig.ts'
import { openRigFile } from './rig-file.ts'
import { openSimulatedRig, type SimulatedRigOptions } from './simulated-rig.ts'
import { MOUNTED_BINNING, randomMount } from './simulator/random-mount.ts'
import { SimulatedStage } from './simulator/simulated-stage.ts'
import { WORN_MECHANICS } from './simulator/simulated-stage-options.ts'
import type { StagePosition } from './stage/stage.ts'

/** Neighbours of a worn stage are off by up to 5.5 um, mostly by the turn of the screw; of one that nobody knows, who can tell. */
const WORN_PLACE_UM = 6

type SimulatedSettings = Extract<StageRigSettings, { kind: 'simulated' }>
type Place = Pick<StagePosition, 'xUm' | 'yUm'>

/** The microscope that the settings stand for, as it is: nothing is calibrated. Nothing moves. Rejects as `openRigFile`. */
export async function openRig(settings: StageRigSettings): Promise<StageRig> {
  if (settings.kind === 'microscope') return openRigFile(settings.rig)
  return openSimulatedRig(simulatedOptions(settings))
}

/** Where a simulated stage really stands when it says that it stands at a place. */
export function truePlaces(settings: SimulatedSettings): (says: Place) => Place {
  const { seed, timeScale, stage } = simulatedOptions(settings)
  const known = new SimulatedStage({ seed, timeScale, ...stage })
  return (says) => known.truePlaceOf(says)
}

function simulatedOptions({ profile, seed, timeScale, mount, stage }: SimulatedSettings): SimulatedRigOptions {
  const mounted = mount === null ? null : randomMount(mount, MOUNTED_BINNING).options
  return {
    profile,
    seed,
    timeScale,
    ...mounted,
    ...((stage === 'worn' || mounted) && { placeErrorUm: WORN_PLACE_UM }),
    stage: { ...(stage === 'worn' && WORN_MECHANICS), ...mounted?.stage },
  }
}
