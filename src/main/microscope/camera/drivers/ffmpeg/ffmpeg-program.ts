import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { MedullaError } from '../../../../../shared/errors.ts'

const run = promisify(execFile)

/** The program: the one of the system, or that of the environment variable MEDULLA_FFMPEG. */
export const ffmpegPath = () => process.env.MEDULLA_FFMPEG || 'ffmpeg'

export interface Ffmpeg {
  readonly path: string
  /** As it says, for example 5.1.9-0+deb12u1. */
  readonly version: string
  /** How this version is told to hand on every frame once, with its own time stamp and size. */
  readonly passThrough: readonly string[]
}

/** Rejects `device-failed` where there is none. */
export async function findFfmpeg(path = ffmpegPath()): Promise<Ffmpeg> {
  try {
    const { stdout } = await run(path, ['-hide_banner', '-version'], { timeout: 20_000 })
    const version = /^ffmpeg version (\S+)/.exec(stdout)?.[1] ?? 'unknown'
    return { path, version, passThrough: passThroughOf(version) }
  } catch (cause) {
    throw noFfmpeg(path, cause)
  }
}

/**
 * `-fps_mode` came with 5.1 and replaces `-vsync`, which later versions drop. Since 4.4 frames whose size changes can be kept from being
 * scaled to the first one's, which nobody would notice. Versions from a repository begin with a letter: new.
 */
function passThroughOf(version: string): readonly string[] {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version) ?? []
  const since = (m: number, n: number) =>
    major === undefined || Number(major) > m || (Number(major) === m && Number(minor) >= n)
  return [
    ...(since(5, 1) ? ['-fps_mode', 'passthrough'] : ['-vsync', 'passthrough']),
    ...(since(4, 4) ? ['-autoscale', '0'] : []),
  ]
}

export function noFfmpeg(path: string, cause?: unknown): MedullaError {
  return new MedullaError(
    'device-failed',
    `ffmpeg, which this camera is read with, cannot be started (${path})`,
    {
      remedy:
        'Install ffmpeg (on Debian: apt-get install ffmpeg), or name the program in the environment variable MEDULLA_FFMPEG.',
      values: { program: path },
    },
    { cause },
  )
}
