import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { NO_CONTROLS } from '../../camera.ts'
import { meaningsOf, parseControls, readV4l2Controls } from './v4l2-controls.ts'

/** As v4l2-ctl prints a UVC camera's, newer and older. */
const NEWER = `
User Controls

                     brightness 0x00980900 (int)    : min=-64 max=64 step=1 default=0 value=0
        white_balance_automatic 0x0098090c (bool)   : default=1 value=1
                           gain 0x00980913 (int)    : min=0 max=100 step=1 default=0 value=7 flags=has-min-max
           power_line_frequency 0x00980918 (menu)   : min=0 max=2 default=2 value=2 (60 Hz)
                                0: Disabled
      white_balance_temperature 0x0098091a (int)    : min=2800 max=6500 step=10 default=4600 value=4600 flags=inactive

Camera Controls

                  auto_exposure 0x009a0901 (menu)   : min=0 max=3 default=3 value=3 (Aperture Priority Mode)
         exposure_time_absolute 0x009a0902 (int)    : min=1 max=5000 step=1 default=157 value=157 flags=inactive
`
const OLDER = `
 white_balance_temperature_auto (bool)   : default=1 value=0
      white_balance_temperature (int)    : min=2800 max=6500 step=1 default=4600 value=5000
                  exposure_auto (menu)   : min=0 max=3 default=3 value=1
              exposure_absolute (int)    : min=1 max=5000 step=1 default=156 value=80
`

it('says what can be set in milliseconds and kelvins, and of what the camera adjusts itself no value', () => {
  expect(meaningsOf(parseControls(NEWER))).toEqual({
    controls: {
      ...NO_CONTROLS,
      exposureMs: { min: 0.1, max: 500, step: 0.1 },
      gain: { min: 0, max: 100, step: 1 },
      whiteBalanceK: { min: 2800, max: 6500, step: 10 },
    },
    values: { ...NO_CONTROLS, gain: 7 },
  })
  expect(meaningsOf(parseControls(OLDER))).toMatchObject({
    controls: { exposureMs: { min: 0.1, max: 500 }, gain: null },
    values: { exposureMs: 8, whiteBalanceK: 5000, gain: null },
  })
  expect(meaningsOf(parseControls('Cannot open device /dev/video0, exiting.'))).toEqual({
    controls: NO_CONTROLS,
    values: NO_CONTROLS,
  })
})

/**
 * Stands in for v4l2-ctl, of which nothing can be tried without a camera: as strict as the kernel is, it refuses unknown controls, values
 * out of range, and those that the camera is adjusting by itself.
 */
const STAND_IN = `#!/bin/sh
echo "$*" >> "$0.log"
case "$*" in
  *list-ctrls*) cat "$0.controls" ;;
  *auto_exposure=1|*white_balance_automatic=0) echo by hand >> "$0.hand" ;;
  *exposure_time_absolute=6000) echo "VIDIOC_S_EXT_CTRLS: failed: Numerical result out of range" >&2; exit 255 ;;
  *exposure_time_absolute=*|*white_balance_temperature=*)
    test -e "$0.hand" || { echo "VIDIOC_S_EXT_CTRLS: failed: Input/output error" >&2; exit 255; } ;;
  *gain=*) ;;
  *) echo "unknown control" >&2; exit 1 ;;
esac
`

describe.skipIf(process.platform === 'win32')('v4l2-ctl', () => {
  const path = process.env.PATH
  const folders: string[] = []
  afterEach(() => {
    process.env.PATH = path
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
  })

  function standIn(): string {
    const folder = mkdtempSync(join(tmpdir(), 'medulla-v4l2-'))
    folders.push(folder)
    const program = join(folder, 'v4l2-ctl')
    writeFileSync(program, STAND_IN)
    writeFileSync(`${program}.controls`, NEWER)
    chmodSync(program, 0o755)
    process.env.PATH = `${folder}:${path}`
    return program
  }

  it('is told to stop adjusting before a value is set', async () => {
    const program = standIn()
    const device = await readV4l2Controls('/dev/video7')
    await device?.apply({ exposureMs: 8.04, whiteBalanceK: 5000, gain: 3 })
    expect(readFileSync(`${program}.log`, 'utf8').trim().split('\n')).toEqual([
      '-d /dev/video7 --list-ctrls',
      '-d /dev/video7 --set-ctrl=auto_exposure=1',
      '-d /dev/video7 --set-ctrl=exposure_time_absolute=80',
      '-d /dev/video7 --set-ctrl=gain=3',
      '-d /dev/video7 --set-ctrl=white_balance_automatic=0',
      '-d /dev/video7 --set-ctrl=white_balance_temperature=5000',
    ])
  })

  it('that refuses is an error with its words', async () => {
    standIn()
    const device = await readV4l2Controls('/dev/video7')
    await expect(device?.apply({ exposureMs: 600 })).rejects.toMatchObject({
      code: 'device-failed',
      message: expect.stringContaining('out of range'),
    })
  })

  it('that is not installed leaves a camera without controls', async () => {
    process.env.PATH = ''
    expect(await readV4l2Controls('/dev/video7')).toBeNull()
  })
})
