import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CameraFound } from '../../../shared/contract/devices.ts'
import { listAravisCameras } from './drivers/aravis/arv-tool.ts'
import { ffmpegPath } from './drivers/ffmpeg/ffmpeg-program.ts'

export interface CamerasFound {
  readonly cameras: CameraFound[]
  /** Where nobody could be asked, and why. */
  readonly notes: string[]
}

/** Cameras that the system and Aravis know of. None is opened: a camera that another program uses is not disturbed. */
export async function findCameras(platform: NodeJS.Platform = process.platform): Promise<CamerasFound> {
  const found = await Promise.all([systemCameras(platform), aravisCameras()])
  return { cameras: found.flatMap(({ cameras }) => cameras), notes: found.flatMap(({ notes }) => notes) }
}

async function aravisCameras(): Promise<CamerasFound> {
  const found = await listAravisCameras()
  if (found === null) {
    return {
      cameras: [],
      notes: [
        'GigE Vision and USB3 Vision cameras were not looked for: there is no arv-tool (on Debian: aravis-tools-cli).',
      ],
    }
  }
  const cameras = found.map(({ name, address }) => ({
    kind: 'aravis' as const,
    format: null,
    source: name,
    name: address === null ? name : `${name} at ${address}`,
  }))
  return { cameras, notes: [] }
}

async function systemCameras(platform: NodeJS.Platform): Promise<CamerasFound> {
  if (platform === 'linux') return { cameras: await videoDevices(), notes: [] }
  const [format, question] =
    platform === 'win32'
      ? (['dshow', ['-f', 'dshow', '-list_devices', 'true', '-i', 'dummy']] as const)
      : (['avfoundation', ['-f', 'avfoundation', '-list_devices', 'true', '-i', '']] as const)
  const text = await asked(question)
  if (text === null)
    return { cameras: [], notes: ['Cameras of this computer were not looked for: there is no ffmpeg.'] }
  return { cameras: format === 'dshow' ? parseDirectShow(text) : parseAvFoundation(text), notes: [] }
}

/**
 * Linux: what drivers have registered with Video4Linux, from the names that the kernel keeps. A UVC camera has a second device for
 * metadata; the first has index 0.
 */
export async function videoDevices(folder = '/sys/class/video4linux'): Promise<CameraFound[]> {
  const entries = await readdir(folder).catch(() => [])
  const read = (entry: string, file: string) =>
    readFile(join(folder, entry, file), 'utf8').then(
      (text) => text.trim(),
      () => null,
    )
  const found = await Promise.all(
    entries
      .filter((entry) => /^video\d+$/.test(entry))
      .sort((a, b) => Number(a.slice(5)) - Number(b.slice(5)))
      .map(async (entry) => ({ entry, name: await read(entry, 'name'), index: await read(entry, 'index') })),
  )
  return found
    .filter(({ index }) => index === null || index === '0')
    .map(({ entry, name }) => ({
      kind: 'ffmpeg' as const,
      format: 'v4l2',
      source: `/dev/${entry}`,
      name: name ?? entry,
    }))
}

/** ffmpeg answers on standard error and ends with an error, since there is nothing to read. null: there is no ffmpeg. */
function asked(question: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(ffmpegPath(), ['-hide_banner', ...question], { timeout: 20_000 }, (error, _stdout, stderr) =>
      resolve((error as NodeJS.ErrnoException | null)?.code === 'ENOENT' ? null : stderr),
    )
  })
}

/** `"USB Camera" (video)`; before ffmpeg 5 without the kind, under the heading `DirectShow video devices`. */
export function parseDirectShow(text: string): CameraFound[] {
  let audio = false
  const names: string[] = []
  for (const line of text.split(/\r?\n/)) {
    const heading = /DirectShow (video|audio) devices/.exec(line)?.[1]
    if (heading) audio = heading === 'audio'
    const [, name, kind] = /\] +"([^"]+)"(?: \((\w+)[^)]*\))?/.exec(line) ?? []
    if (name === undefined || /Alternative name/.test(line)) continue
    if (kind === undefined ? !audio : kind === 'video') names.push(name)
  }
  return names.map((name) => ({ kind: 'ffmpeg', format: 'dshow', source: `video=${name}`, name }))
}

/** `[0] FaceTime HD Camera` under the heading `AVFoundation video devices`. Screens are listed too, and are no cameras. */
export function parseAvFoundation(text: string): CameraFound[] {
  const video = text.split(/AVFoundation audio devices/)[0].split(/AVFoundation video devices:?/)[1] ?? ''
  return [...video.matchAll(/\] \[(\d+)\] (.+)$/gm)]
    .map(([, index, name]) => ({ index, name: name.trim() }))
    .filter(({ name }) => !/^Capture screen/i.test(name))
    .map(({ index, name }) => ({ kind: 'ffmpeg', format: 'avfoundation', source: index, name }))
}
