import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parseAvFoundation, parseDirectShow, videoDevices } from './find-cameras.ts'

it('takes Video4Linux devices from the kernel’s list, without those for metadata', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'medulla-v4l-'))
  const device = (entry: string, name: string, index: string) => {
    mkdirSync(join(folder, entry))
    writeFileSync(join(folder, entry, 'name'), `${name}\n`)
    writeFileSync(join(folder, entry, 'index'), `${index}\n`)
  }
  device('video10', 'USB Camera: USB Camera', '0')
  device('video11', 'USB Camera: USB Camera', '1')
  device('video2', 'Frame grabber', '0')
  mkdirSync(join(folder, 'v4l-subdev0'))
  expect(await videoDevices(folder)).toEqual([
    { kind: 'ffmpeg', format: 'v4l2', source: '/dev/video2', name: 'Frame grabber' },
    { kind: 'ffmpeg', format: 'v4l2', source: '/dev/video10', name: 'USB Camera: USB Camera' },
  ])
  rmSync(folder, { recursive: true })
  expect(await videoDevices(folder)).toEqual([])
})

it('reads what ffmpeg lists of DirectShow, older and newer', () => {
  const camera = { kind: 'ffmpeg', format: 'dshow', source: 'video=USB 2.0 Camera', name: 'USB 2.0 Camera' }
  const newer = [
    '[dshow @ 000001] "USB 2.0 Camera" (video)',
    '[dshow @ 000001]   Alternative name "@device_pnp_\\\\?\\usb#vid_1&pid_2"',
    '[dshow @ 000001] "Microphone (USB Audio)" (audio)',
    '[dshow @ 000001]   Alternative name "@device_cm_{33D9A762}"',
    'dummy: Immediate exit requested',
  ]
  const older = [
    '[dshow @ 000001] DirectShow video devices (some may be both video and audio devices)',
    '[dshow @ 000001]  "USB 2.0 Camera"',
    '[dshow @ 000001]     Alternative name "@device_pnp_\\\\?\\usb#vid_1&pid_2"',
    '[dshow @ 000001] DirectShow audio devices',
    '[dshow @ 000001]  "Microphone (USB Audio)"',
  ]
  expect(parseDirectShow(newer.join('\r\n'))).toEqual([camera])
  expect(parseDirectShow(older.join('\r\n'))).toEqual([camera])
  expect(parseDirectShow('')).toEqual([])
})

it('reads what ffmpeg lists of AVFoundation, without screens and microphones', () => {
  const text = [
    '[AVFoundation indev @ 0x1] AVFoundation video devices:',
    '[AVFoundation indev @ 0x1] [0] FaceTime HD Camera',
    '[AVFoundation indev @ 0x1] [1] USB Camera',
    '[AVFoundation indev @ 0x1] [2] Capture screen 0',
    '[AVFoundation indev @ 0x1] AVFoundation audio devices:',
    '[AVFoundation indev @ 0x1] [0] Built-in Microphone',
  ].join('\n')
  expect(parseAvFoundation(text).map(({ source, name }) => [source, name])).toEqual([
    ['0', 'FaceTime HD Camera'],
    ['1', 'USB Camera'],
  ])
})
