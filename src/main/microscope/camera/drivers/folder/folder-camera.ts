import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CameraControl, FolderCameraSettings } from '../../../../../shared/contract/camera.ts'
import { MedullaError } from '../../../../../shared/errors.ts'
import type { RgbImage } from '../../../../../shared/image.ts'
import { isImageName } from '../../../../images/list-images.ts'
import { readImage } from '../../../../images/read-image.ts'
import {
  type Camera,
  type CameraFlow,
  type CameraNotice,
  type CameraState,
  type CameraValues,
  type Exposure,
  NO_CONTROLS,
} from '../../camera.ts'
import { requireControls } from '../../controls.ts'
import { cameraClosed } from '../../stream-errors.ts'

/** Programs write an image into its folder within so long after its exposure began, where the rig file does not say. */
const WRITTEN_MS = 2000
/** Change notices of file systems never say that a file is whole, and network shares send none: the folder is looked at. */
const POLL_MS = 150

/** A file as one look found it: another version of it has another mark. */
type Look = ReadonlyMap<string, string>

/** A camera whose own program writes its images. Rejects `device-failed` where there is no such folder. */
export async function openFolderCamera(settings: FolderCameraSettings): Promise<Camera> {
  const camera = new FolderCamera(settings)
  await camera.look()
  return camera
}

/**
 * Images that appear in a folder. A file that was not there at one look and is at a later one was written after the first, and is taken as
 * exposed no more than `latencyMs` before that: this needs no clock but ours, also on a network share. Files are read once two looks find
 * them alike and they decode to the end.
 */
class FolderCamera implements Camera {
  readonly controls = NO_CONTROLS
  readonly values = NO_CONTROLS
  readonly widthPx: number
  readonly heightPx: number
  readonly pixelSizeUm: number | null
  readonly name: string
  readonly #settings: FolderCameraSettings
  readonly #notices: CameraNotice[] = []
  readonly #closing = new AbortController()
  #gone = false
  #sequence = -1
  #latencyMs: number | null = null

  constructor(settings: FolderCameraSettings) {
    this.#settings = settings
    this.name = `folder ${settings.images}`
    this.widthPx = settings.widthPx
    this.heightPx = settings.heightPx
    this.pixelSizeUm = settings.pixelSizeUm
  }

  get state(): CameraState {
    if (this.#closing.signal.aborted) return 'closed'
    return this.#gone ? 'disconnected' : 'streaming'
  }

  get notices(): readonly CameraNotice[] {
    return [...this.#notices]
  }

  /** Only images that somebody waited for are read. */
  get flow(): CameraFlow {
    return { received: this.#sequence + 1, dropped: 0, framesPerS: null, latencyMs: this.#latencyMs }
  }

  async configure(change: Partial<Record<CameraControl, number>>): Promise<CameraValues> {
    this.#requireOpen()
    await this.look()
    requireControls(this, change)
    return this.values
  }

  async startCaptureAfter(tMs: number, signal?: AbortSignal): Promise<Exposure> {
    signal?.throwIfAborted()
    this.#requireOpen()
    const { latencyMs, timeoutMs } = this.#settings
    const lagMs = latencyMs ?? WRITTEN_MS
    const ends = AbortSignal.any([this.#closing.signal, ...(signal ? [signal] : [])])
    const untilMs = Math.max(performance.now(), tMs + lagMs) + timeoutMs
    /** By name: the mark a file had at the look before, and when at the latest it was not there yet. */
    const fresh = new Map<string, { mark: string; absentMs: number }>()
    let unreadable: MedullaError | null = null
    try {
      let before = { atMs: performance.now(), look: await this.look() }
      for (;;) {
        await sleep(POLL_MS, undefined, { signal: ends })
        const now = { atMs: performance.now(), look: await this.look() }
        for (const [name, mark] of now.look) {
          const known = fresh.get(name)
          if (known?.mark === mark) {
            if (known.absentMs - lagMs < tMs) continue
            const image = await this.#read(name).catch((error: unknown) => {
              if (!(error instanceof MedullaError) || error.code !== 'image-unreadable') throw error
              unreadable = error
              return null
            })
            if (image) return this.#exposure(image, known.absentMs - lagMs)
          } else if (known) known.mark = mark
          else if (before.look.get(name) !== mark) fresh.set(name, { mark, absentMs: before.atMs })
        }
        before = now
        if (now.atMs > untilMs) throw unreadable ?? this.#timedOut()
      }
    } catch (error) {
      if (this.#closing.signal.aborted) throw cameraClosed()
      signal?.throwIfAborted()
      throw error
    }
  }

  async close(): Promise<void> {
    this.#closing.abort()
  }

  /** The images that are there. Rejects `device-failed` where the folder is not. */
  async look(): Promise<Look> {
    const { images } = this.#settings
    try {
      const names = (await readdir(images)).filter(isImageName)
      const marks = await Promise.all(
        names.map(async (name) => {
          // A file may be gone between the two questions.
          const found = await stat(join(images, name)).catch(() => null)
          return [name, found?.isFile() ? `${found.mtimeMs} ${found.size}` : null] as const
        }),
      )
      if (this.#gone) this.#notice('reconnected', 'The folder is there again')
      this.#gone = false
      return new Map(marks.filter((entry): entry is [string, string] => entry[1] !== null))
    } catch (cause) {
      const error = new MedullaError(
        'device-failed',
        `There is no folder ${images} that can be read`,
        {
          remedy: 'Create or connect the folder that the camera’s program writes to, then try again.',
          values: { images },
        },
        { cause },
      )
      if (!this.#gone) this.#notice('disconnected', error.message)
      this.#gone = true
      throw error
    }
  }

  async #read(name: string): Promise<RgbImage> {
    const path = join(this.#settings.images, name)
    const image = await readImage(path)
    const { widthPx, heightPx } = this.#settings
    if (image.widthPx === widthPx && image.heightPx === heightPx) return image
    throw new MedullaError(
      'device-failed',
      `The image ${path} has ${image.widthPx} x ${image.heightPx} pixels; the rig file has ${widthPx} x ${heightPx}`,
      {
        remedy: 'Write the size that the camera has into the rig file (camera.widthPx, camera.heightPx).',
        values: { path },
      },
    )
  }

  #exposure(image: RgbImage, exposureStartMs: number): Exposure {
    const exposureEndMs = performance.now()
    this.#latencyMs = exposureEndMs - exposureStartMs
    const exposure = { sequence: ++this.#sequence, exposureStartMs, exposureEndMs }
    return { ...exposure, frame: Promise.resolve({ ...exposure, ...image }) }
  }

  #notice(kind: CameraNotice['kind'], message: string): void {
    this.#notices.push({ atMs: performance.now(), kind, message })
  }

  #requireOpen(): void {
    if (this.#closing.signal.aborted) throw cameraClosed()
  }

  #timedOut(): MedullaError {
    const { images, timeoutMs } = this.#settings
    return new MedullaError('capture-timeout', `No new image came into ${images} within ${timeoutMs} ms`, {
      remedy: 'See that the camera’s program is taking images and writes them there.',
      values: { images, timeoutMs },
    })
  }
}
