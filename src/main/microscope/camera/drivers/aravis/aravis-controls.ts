import type { CameraControl } from '../../../../../shared/contract/camera.ts'
import { type CameraControls, type CameraValues, type ControlRange, NO_CONTROLS } from '../../camera.ts'
import { type FeatureFound, readFeatures } from './arv-tool.ts'

/**
 * By control: the GenICam names it goes by (the standard's, then those that older cameras have), and how many of its units one of ours is.
 * GainRaw counts in steps of the camera's own, but Aravis's `gain` sets it as it is.
 */
const FEATURES: Partial<Record<CameraControl, { readonly names: readonly string[]; readonly scale: number }>> = {
  exposureMs: { names: ['ExposureTime', 'ExposureTimeAbs'], scale: 1000 },
  gain: { names: ['Gain', 'GainRaw'], scale: 1 },
  redRatio: { names: ['BalanceRatio', 'BalanceRatioAbs'], scale: 1 },
  blueRatio: { names: ['BalanceRatio', 'BalanceRatioAbs'], scale: 1 },
}

/** What the camera lets be set, and what is set; nothing of it where it cannot be asked. */
export async function readControls(camera: string | null): Promise<{ controls: CameraControls; values: CameraValues }> {
  const names = [...new Set(Object.values(FEATURES).flatMap((feature) => feature.names))]
  return controlsFrom(await readFeatures(camera, names))
}

export function controlsFrom(features: ReadonlyMap<string, FeatureFound>): {
  controls: CameraControls
  values: CameraValues
} {
  const controls: Record<CameraControl, ControlRange | null> = { ...NO_CONTROLS }
  const values: Record<CameraControl, number | null> = { ...NO_CONTROLS }
  for (const [control, { names, scale }] of Object.entries(FEATURES) as [
    CameraControl,
    { names: string[]; scale: number },
  ][]) {
    const found = names.map((name) => features.get(name)).find((feature) => feature !== undefined)
    if (!found || found.min >= found.max) continue
    controls[control] = { min: found.min / scale, max: found.max / scale, step: null }
    // Of the colours' gains only the one that was selected last has been read.
    if (control === 'exposureMs' || control === 'gain') values[control] = found.value / scale
  }
  return { controls, values }
}
