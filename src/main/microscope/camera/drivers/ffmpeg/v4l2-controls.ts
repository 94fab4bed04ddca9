import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { CameraControl } from '../../../../../shared/contract/camera.ts'
import { MedullaError } from '../../../../../shared/errors.ts'
import { type CameraControls, type CameraValues, type ControlRange, NO_CONTROLS } from '../../camera.ts'
import type { ControlChange } from '../../camera-driver.ts'

const run = promisify(execFile)
const PROGRAM = 'v4l2-ctl'

interface Meaning {
  /** Names in newer and older kernels. */
  readonly names: readonly string[]
  /** Units of it in one of ours. */
  readonly scale: number
  /** What adjusts it by itself, and the value at which it does not. */
  readonly automatic: { readonly names: readonly string[]; readonly off: number }
}

/**
 * Video4Linux has exposures in 100 microseconds, and 1 for a manual one (V4L2_EXPOSURE_MANUAL); white balance in kelvins. Source: the
 * kernel's "Camera Control Reference" and "User Control Reference".
 */
const MEANINGS: Partial<Record<CameraControl, Meaning>> = {
  exposureMs: {
    names: ['exposure_time_absolute', 'exposure_absolute'],
    scale: 10,
    automatic: { names: ['auto_exposure', 'exposure_auto'], off: 1 },
  },
  gain: { names: ['gain'], scale: 1, automatic: { names: ['gain_automatic', 'autogain'], off: 0 } },
  whiteBalanceK: {
    names: ['white_balance_temperature'],
    scale: 1,
    automatic: { names: ['white_balance_automatic', 'white_balance_temperature_auto'], off: 0 },
  },
}

interface DeviceControl {
  readonly min: number | null
  readonly max: number | null
  readonly step: number | null
  readonly value: number
}

/** What a Video4Linux device lets be set while it streams. */
export interface V4l2Controls {
  readonly controls: CameraControls
  readonly values: CameraValues
  /** Rejects `device-failed`. */
  apply(change: ControlChange): Promise<void>
}

/** Asks the device through v4l2-ctl, which may be done while another program reads it. null: there is no v4l2-ctl, or no answer. */
export async function readV4l2Controls(device: string): Promise<V4l2Controls | null> {
  try {
    const { stdout } = await run(PROGRAM, ['-d', device, '--list-ctrls'], { timeout: 10_000 })
    const found = parseControls(stdout)
    return { ...meaningsOf(found), apply: (change) => set(device, found, change) }
  } catch {
    return null
  }
}

/** Lines like `exposure_time_absolute 0x009a0902 (int) : min=1 max=5000 step=1 default=157 value=157 flags=inactive`. */
export function parseControls(text: string): Map<string, DeviceControl> {
  const found = new Map<string, DeviceControl>()
  for (const [, name, rest] of text.matchAll(/^ *(\w+)(?: 0x[0-9a-f]+)? \((?:int|bool|menu|intmenu)\) *: (.*)$/gm)) {
    const number = (key: string) => {
      const match = new RegExp(`(?:^| )${key}=(-?\\d+)`).exec(rest)
      return match ? Number(match[1]) : null
    }
    const value = number('value')
    if (value !== null) found.set(name, { min: number('min'), max: number('max'), step: number('step'), value })
  }
  return found
}

/** A control that the camera adjusts by itself has no value of ours. */
export function meaningsOf(found: ReadonlyMap<string, DeviceControl>): {
  controls: CameraControls
  values: CameraValues
} {
  const controls: Record<CameraControl, ControlRange | null> = { ...NO_CONTROLS }
  const values: Record<CameraControl, number | null> = { ...NO_CONTROLS }
  for (const [control, { names, scale, automatic }] of meanings()) {
    const device = found.get(nameIn(found, names) ?? '')
    if (!device || device.min === null || device.max === null) continue
    const { min, max, step, value } = device
    controls[control] = { min: min / scale, max: max / scale, step: step === null ? null : step / scale }
    const adjusted = found.get(nameIn(found, automatic.names) ?? '')
    values[control] = adjusted && adjusted.value !== automatic.off ? null : value / scale
  }
  return { controls, values }
}

const meanings = () => Object.entries(MEANINGS) as [CameraControl, Meaning][]
const nameIn = (found: ReadonlyMap<string, unknown>, names: readonly string[]) => names.find((name) => found.has(name))

async function set(device: string, found: ReadonlyMap<string, DeviceControl>, change: ControlChange): Promise<void> {
  for (const [control, { names, scale, automatic }] of meanings()) {
    const value = change[control]
    const name = nameIn(found, names)
    if (value === undefined || name === undefined) continue
    // First by hand: what the camera adjusts by itself cannot be set.
    const adjusts = nameIn(found, automatic.names)
    if (adjusts !== undefined) await setOne(device, adjusts, automatic.off)
    await setOne(device, name, Math.round(value * scale))
  }
}

async function setOne(device: string, name: string, value: number): Promise<void> {
  try {
    await run(PROGRAM, ['-d', device, `--set-ctrl=${name}=${value}`], { timeout: 10_000 })
  } catch (cause) {
    const said = ((cause as { stderr?: string }).stderr ?? '').trim().split('\n').at(-1) ?? ''
    throw new MedullaError(
      'device-failed',
      `The camera ${device} does not take ${name} ${value}. ${said}`.trimEnd(),
      { remedy: 'Check that it is plugged in, and choose another value.', values: { device, name, value } },
      { cause },
    )
  }
}
