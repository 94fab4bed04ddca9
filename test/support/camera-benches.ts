import { existsSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import type { Camera, Frame } from '../../src/main/microscope/camera/camera.ts'
import type { ControlChange } from '../../src/main/microscope/camera/camera-driver.ts'
import { openCamera } from '../../src/main/microscope/camera/drivers/index.ts'
import { openSimulatedRig } from '../../src/main/microscope/simulated-rig.ts'
import { aravisCamera, type CameraKind, folderCamera } from '../../src/shared/contract/camera.ts'
import { CODED, FakeAravisCamera, NetworkCamera, noAravis, noFfmpeg } from './camera-sources.ts'
import { temporaryFolder } from './data-folder.ts'
import { madeAtMs, timeCodedImage } from './time-code.ts'

/** A camera of one kind before a source that can go and come back. */
export interface CameraBench {
  readonly camera: Camera
  readonly widthPx: number
  readonly heightPx: number
  /** When a frame's pixels were made, where they tell, as `performance.now()`. */
  readonly madeAtMs: ((frame: Frame) => number) | null
  /** A change that the camera takes; null: it has no control. */
  readonly change: ControlChange | null
  /** The source goes, without a word. */
  die(): Promise<void>
  revive(): Promise<void>
  close(): Promise<void>
}

/** By kind: why it cannot be tried here; null where it can. */
export const CANNOT: Readonly<Record<CameraKind, () => string | null>> = {
  simulated: () => null,
  folder: () => null,
  ffmpeg: noFfmpeg,
  aravis: noAravis,
}

export function openCameraBench(kind: CameraKind): Promise<CameraBench> {
  return { simulated, folder, ffmpeg, aravis }[kind]()
}

async function simulated(): Promise<CameraBench> {
  const rig = await openSimulatedRig({
    profile: 'normal',
    seed: 3,
    timeScale: 1,
    camera: { widthPx: 320, heightPx: 240 },
  })
  return {
    camera: rig.camera,
    widthPx: 320,
    heightPx: 240,
    madeAtMs: null,
    change: null,
    die: async () => {
      rig.camera.failNext('disconnect')
      await rig.camera.startCaptureAfter(0).catch(() => undefined)
    },
    revive: async () => rig.camera.reconnect(),
    close: () => rig.close(),
  }
}

async function ffmpeg(): Promise<CameraBench> {
  const source = await NetworkCamera.plug()
  const camera = await source.open()
  return {
    camera,
    ...CODED,
    madeAtMs,
    change: null,
    die: () => source.pull(),
    revive: async () => source.plug(),
    close: async () => {
      await camera.close()
      await source.pull()
    },
  }
}

async function aravis(): Promise<CameraBench> {
  const source = await FakeAravisCamera.plug()
  const size = { widthPx: 318, heightPx: 240 }
  const settings = aravisCamera.parse({ kind: 'aravis', ...size, framesPerS: 25, packetSizeBytes: 9000 })
  try {
    const camera = await openCamera(settings)
    return {
      camera,
      ...size,
      madeAtMs: null,
      change: { exposureMs: 5, gain: 3 },
      die: () => source.pull(),
      revive: () => source.plug(),
      close: async () => {
        await camera.close()
        await source.remove()
      },
    }
  } catch (error) {
    await source.remove()
    throw error
  }
}

/** A program that writes an image every 100 ms, in two pieces, into a folder that can be taken away. */
async function folder(): Promise<CameraBench> {
  const place = temporaryFolder()
  const [images, away] = [join(place, 'images'), join(place, 'away')]
  await mkdir(images)
  const { widthPx, heightPx } = CODED
  let n = 0
  let writing = true
  const write = async () => {
    while (writing) {
      const { data } = timeCodedImage(widthPx, heightPx)
      const bytes = await sharp(data, { raw: { width: widthPx, height: heightPx, channels: 3 } })
        .png()
        .toBuffer()
      const path = join(images, `frame ${n++}.png`)
      await new Promise((resolve) => setTimeout(resolve, 50))
      if (!existsSync(images)) continue
      // Half of it is there for a while, as large files are.
      await writeFile(path, bytes.subarray(0, bytes.length >> 1)).catch(() => undefined)
      await new Promise((resolve) => setTimeout(resolve, 50))
      await writeFile(path, bytes).catch(() => undefined)
    }
  }
  const program = write()
  const camera = await openCamera(
    folderCamera.parse({ kind: 'folder', images, widthPx, heightPx, latencyMs: 400, timeoutMs: 8000 }),
  )
  return {
    camera,
    widthPx,
    heightPx,
    madeAtMs,
    change: null,
    die: () => rename(images, away),
    revive: () => rename(away, images),
    close: async () => {
      writing = false
      await program
      await camera.close()
    },
  }
}
