import { CAMERA_CONTROLS, type CameraControl } from '../../../shared/contract/camera.ts'
import { MedullaError } from '../../../shared/errors.ts'
import type { CameraControls } from './camera.ts'

/** Throws `invalid-input` where the camera lacks a control, or the value lies outside of its range. */
export function requireControls(
  { name, controls }: { readonly name: string; readonly controls: CameraControls },
  change: Partial<Record<CameraControl, number>>,
): void {
  for (const control of CAMERA_CONTROLS) {
    const value = change[control]
    if (value === undefined) continue
    const range = controls[control]
    if (!range) {
      throw new MedullaError('invalid-input', `The camera (${name}) has no control ${control} that Medulla can set`, {
        remedy: 'Set it in the camera’s own program, and leave it out here.',
        values: { control },
      })
    }
    if (!(value >= range.min && value <= range.max)) {
      throw new MedullaError(
        'invalid-input',
        `${control} ${value} lies outside of what the camera (${name}) takes: ${range.min} to ${range.max}`,
        { remedy: 'Choose a value within this range.', values: { control, value, min: range.min, max: range.max } },
      )
    }
  }
}
