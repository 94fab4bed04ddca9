import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import type { Camera } from '../../src/main/microscope/camera/camera.ts'
import { captureAfter } from '../../src/main/microscope/camera/camera.ts'
import { ffmpegDriver } from '../../src/main/microscope/camera/drivers/ffmpeg/ffmpeg-camera.ts'
import { findFfmpeg } from '../../src/main/microscope/camera/drivers/ffmpeg/ffmpeg-program.ts'
import { openCamera } from '../../src/main/microscope/camera/drivers/index.ts'
import { StreamingCamera } from '../../src/main/microscope/camera/streaming-camera.ts'
import { Random } from '../../src/main/microscope/simulator/random.ts'
import { ffmpegCamera } from '../../src/shared/contract/camera.ts'
import { CODED, childrenNamed, NetworkCamera, noFfmpeg } from '../support/camera-sources.ts'
import { madeAtMs, monotonicBehindS, timeCodedSource } from '../support/time-code.ts'

const missing = noFfmpeg()
if (missing) console.log(`Skipped: frames that say in their pixels when they were made. On this machine ${missing}.`)

/** A code in the pixels counts whole milliseconds. */
const CODE_MS = 1.5

const cleanUps: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

/** This process does nothing else, as when it decodes a large image. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

/** The next frame that comes, and the first that was exposed after now. */
async function nextAndNew(camera: Camera) {
  const askedMs = performance.now()
  const [next, fresh] = await Promise.all([
    captureAfter(camera, Number.NEGATIVE_INFINITY),
    captureAfter(camera, askedMs),
  ])
  return { askedMs, next: madeAtMs(next), fresh: madeAtMs(fresh), frame: fresh }
}

describe.skipIf(missing)('no frame is older than the question for it, by what its pixels say', () => {
  it.each(['rgb24', 'nv12'] as const)('however it is asked, with %s', async (transport) => {
    const { widthPx, heightPx, framesPerS } = CODED
    const source = timeCodedSource(widthPx, heightPx, framesPerS)
    const camera = await openCamera(
      ffmpegCamera.parse({ kind: 'ffmpeg', format: 'lavfi', source, ...CODED, paced: false, transport }),
    )
    cleanUps.push(() => camera.close())
    const random = new Random(11)
    for (let i = 0; i < 15; i++) {
      const askedMs = performance.now()
      const frame = await captureAfter(camera, askedMs)
      expect(madeAtMs(frame)).toBeGreaterThanOrEqual(askedMs - CODE_MS)
      expect(madeAtMs(frame)).toBeGreaterThanOrEqual(frame.exposureStartMs - CODE_MS)
      expect(madeAtMs(frame)).toBeLessThanOrEqual(frame.exposureEndMs + CODE_MS)
      if (i % 3 === 0) await sleep(100 * random.next())
    }
  })

  it('to the millisecond, and without any allowance, where stamps are of this computer’s clock', async () => {
    const { widthPx, heightPx, framesPerS } = CODED
    const source = timeCodedSource(widthPx, heightPx, framesPerS, monotonicBehindS())
    const settings = ffmpegCamera.parse({
      kind: 'ffmpeg',
      format: 'lavfi',
      source,
      ...CODED,
      paced: false,
      latencyMs: 0,
    })
    const camera = await StreamingCamera.open({ ...ffmpegDriver(settings, await findFfmpeg()), hostClock: true })
    cleanUps.push(() => camera.close())
    for (let i = 0; i < 15; i++) {
      if (i % 5 === 4) block(400)
      const askedMs = performance.now()
      const frame = await captureAfter(camera, askedMs)
      expect(madeAtMs(frame)).toBeGreaterThanOrEqual(askedMs - CODE_MS)
      expect(Math.abs(madeAtMs(frame) - frame.exposureStartMs)).toBeLessThan(CODE_MS)
    }
  })

  it('though frames piled up on their way while this process was busy', async () => {
    const source = await NetworkCamera.plug()
    cleanUps.push(() => source.pull())
    const camera = await source.open()
    cleanUps.push(() => camera.close())
    let stale = 0
    for (let i = 0; i < 4; i++) {
      block(900)
      const { askedMs, next, fresh, frame } = await nextAndNew(camera)
      // There really were old ones to be taken for new.
      if (next < askedMs - 100) stale++
      expect(fresh).toBeGreaterThanOrEqual(askedMs - CODE_MS)
      expect(fresh).toBeGreaterThanOrEqual(frame.exposureStartMs - CODE_MS)
    }
    expect(stale).toBe(4)
    expect(camera.notices.filter(({ kind }) => kind === 'disconnected')).toEqual([])
  })

  it.skipIf(process.platform !== 'linux')('though ffmpeg itself stood still and then caught up', async () => {
    const source = await NetworkCamera.plug()
    cleanUps.push(() => source.pull())
    const camera = await source.open()
    cleanUps.push(() => camera.close())
    const [reader] = childrenNamed(`-i\0${source.settings.source}`)
    let stale = 0
    for (let i = 0; i < 3; i++) {
      process.kill(reader, 'SIGSTOP')
      await sleep(900)
      process.kill(reader, 'SIGCONT')
      const { askedMs, next, fresh } = await nextAndNew(camera)
      if (next < askedMs - 100) stale++
      expect(fresh).toBeGreaterThanOrEqual(askedMs - CODE_MS)
    }
    expect(stale).toBe(3)
  })

  it('from the first one on, of those that wait while ffmpeg begins', async () => {
    const source = await NetworkCamera.plug()
    cleanUps.push(() => source.pull())
    for (let i = 0; i < 3; i++) {
      const camera = await source.open()
      const askedMs = performance.now()
      expect(madeAtMs(await captureAfter(camera, askedMs))).toBeGreaterThanOrEqual(askedMs - CODE_MS)
      await camera.close()
    }
  })
})
