import type { RigSettings } from '../../shared/contract/rig-settings.ts'

/** Drawn by the simulator, or taken of a smear: which of a model's validation images a run's cells are like. */
export function imageKind(rig: RigSettings): 'rendered' | 'real' {
  const camera = rig.kind === 'microscope' ? rig.rig.camera : rig
  return camera.kind === 'simulated' ? 'rendered' : 'real'
}
