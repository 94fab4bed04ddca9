import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Camera } from '../../src/main/microscope/camera/camera.ts'
import { openCamera } from '../../src/main/microscope/camera/drivers/index.ts'
import { type FfmpegCameraSettings, ffmpegCamera } from '../../src/shared/contract/camera.ts'
import { timeCodedSource } from './time-code.ts'

const starts = (program: string, args: readonly string[]) => !spawnSync(program, args, { stdio: 'ignore' }).error

/** Why cameras that ffmpeg opens cannot be tried; null where they can. */
export function noFfmpeg(): string | null {
  return starts('ffmpeg', ['-version']) ? null : 'there is no ffmpeg'
}

/** Why Aravis's fake camera cannot be tried; null where it can. */
export function noAravis(): string | null {
  if (process.platform !== 'linux') return 'the fake camera is tried on Linux'
  if (!starts('gst-launch-1.0', ['--version'])) return 'there is no gst-launch-1.0 (gstreamer1.0-tools)'
  if (spawnSync('gst-inspect-1.0', ['aravissrc'], { stdio: 'ignore' }).status !== 0) {
    return 'GStreamer has no aravissrc (libaravis-0.8-0)'
  }
  if (!starts('arv-tool-0.8', ['--help'])) return 'there is no arv-tool-0.8 (aravis-tools-cli)'
  if (!starts('arv-fake-gv-camera-0.8', ['--help'])) return 'there is no arv-fake-gv-camera-0.8 (aravis-tools)'
  return process.getuid?.() !== 0 || starts('setpriv', ['--version']) ? null : 'there is no setpriv (util-linux)'
}

export const CODED = { widthPx: 320, heightPx: 240, framesPerS: 30 } as const

/** A camera in the network: an ffmpeg of its own that serves time-coded frames to one reader at a time. It can be pulled and stopped. */
export class NetworkCamera {
  readonly settings: FfmpegCameraSettings
  readonly #port: number
  readonly #arguments: readonly string[]
  #server: ChildProcess | null = null
  #wanted = false
  #serving: Promise<void> = Promise.resolve()

  private constructor(port: number, source: string) {
    this.#port = port
    this.settings = ffmpegCamera.parse({
      kind: 'ffmpeg',
      format: 'nut',
      source: `tcp://127.0.0.1:${port}`,
      ...CODED,
    })
    this.#arguments = [
      ...[
        '-nostdin',
        '-loglevel',
        'quiet',
        '-f',
        'lavfi',
        '-i',
        source,
        '-c:v',
        'rawvideo',
        '-fps_mode',
        'passthrough',
      ],
      ...['-enc_time_base', '1:1000000', '-flush_packets', '1', '-f', 'nut'],
    ]
  }

  static async plug(source = timeCodedSource(CODED.widthPx, CODED.heightPx, CODED.framesPerS)): Promise<NetworkCamera> {
    const camera = new NetworkCamera(await freePort(), source)
    camera.plug()
    return camera
  }

  /** Serves one reader after the other until it is pulled. */
  plug(): void {
    this.#wanted = true
    this.#serving = this.#serve()
  }

  /** A camera on it, once it has begun to serve. */
  async open(settings: FfmpegCameraSettings = this.settings): Promise<Camera> {
    for (;;) {
      try {
        return await openCamera(settings)
      } catch (error) {
        if (!/refused/i.test((error as Error).message)) throw error
        await sleep(50)
      }
    }
  }

  async pull(): Promise<void> {
    this.#wanted = false
    this.#server?.kill('SIGKILL')
    await this.#serving
  }

  /** It falls silent, or goes on where it was. */
  freeze(frozen: boolean): void {
    this.#server?.kill(frozen ? 'SIGSTOP' : 'SIGCONT')
  }

  async #serve(): Promise<void> {
    while (this.#wanted) {
      this.#server = spawn('ffmpeg', [...this.#arguments, `tcp://127.0.0.1:${this.#port}?listen=1`], {
        stdio: 'ignore',
      })
      await once(this.#server, 'close')
      await sleep(20)
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** Whoever listens there has the fake camera, of which one computer can have only one. */
const FAKE_LOCK_PORT = 39_563
const AS_NOBODY = ['--reuid=65534', '--regid=65534', '--clear-groups'] as const

/** Aravis's fake GigE camera on this computer. It draws its frame number into the pixels: `frameNumber`. */
export class FakeAravisCamera {
  readonly #lock: Server
  readonly #launch: string | undefined
  readonly #folder: string | null = null
  #camera: ChildProcess | null = null

  private constructor(lock: Server) {
    this.#lock = lock
    this.#launch = process.env.MEDULLA_GST_LAUNCH
    // Root's packet sockets hear nothing on the loopback interface.
    if (process.getuid?.() === 0) {
      const folder = mkdtempSync(join(tmpdir(), 'medulla-camera-'))
      this.#folder = folder
      chmodSync(folder, 0o777)
      const script = join(folder, 'gst-launch')
      const registry = join(folder, 'registry.bin')
      writeFileSync(
        script,
        `#!/bin/sh\nGST_REGISTRY=${registry} exec setpriv ${AS_NOBODY.join(' ')} gst-launch-1.0 "$@"\n`,
        { mode: 0o755 },
      )
      process.env.MEDULLA_GST_LAUNCH = script
    }
  }

  static async plug(): Promise<FakeAravisCamera> {
    const camera = new FakeAravisCamera(await fakeLock())
    await camera.plug()
    return camera
  }

  async plug(): Promise<void> {
    const fake = ['arv-fake-gv-camera-0.8', '-i', '127.0.0.1', '-s', 'GV01']
    const [program, ...args] = process.getuid?.() === 0 ? ['setpriv', ...AS_NOBODY, ...fake] : fake
    this.#camera = spawn(program, args, { stdio: 'ignore' })
    await once(this.#camera, 'spawn')
  }

  /** As if its cable were pulled: without a word. */
  async pull(): Promise<void> {
    const camera = this.#camera
    this.#camera = null
    if (!camera || camera.exitCode !== null || camera.signalCode !== null) return
    camera.kill('SIGKILL')
    await once(camera, 'close')
  }

  async remove(): Promise<void> {
    await this.pull()
    if (this.#launch === undefined) delete process.env.MEDULLA_GST_LAUNCH
    else process.env.MEDULLA_GST_LAUNCH = this.#launch
    if (this.#folder) rmSync(this.#folder, { recursive: true, force: true })
    this.#lock.close()
  }
}

async function fakeLock(): Promise<Server> {
  for (;;) {
    const server = createServer()
    server.listen(FAKE_LOCK_PORT, '127.0.0.1')
    try {
      await once(server, 'listening')
      server.unref()
      return server
    } catch {
      // Whoever has it gives it back between two tests, for a moment.
      await sleep(5)
    }
  }
}

/** Process ids of what this process, or `parent`, started with this text in its command line. Linux only. */
export function childrenNamed(text: string, parent = process.pid): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const parentPid = /^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
        return Number(parentPid) === parent && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text)
      } catch {
        // Gone meanwhile.
        return false
      }
    })
    .map(Number)
}

/** Whether there is such a process, other than as one that has ended and nobody has asked after. */
export function alive(pid: number): boolean {
  try {
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
