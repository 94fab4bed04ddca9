import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import sharp from 'sharp'
import { afterEach, describe, expect, it } from 'vitest'
import { captureAfter } from '../../src/main/microscope/camera/camera.ts'
import { openCamera } from '../../src/main/microscope/camera/drivers/index.ts'
import { aravisCamera, ffmpegCamera, folderCamera } from '../../src/shared/contract/camera.ts'
import { alive, CODED, childrenNamed, FakeAravisCamera, noAravis, noFfmpeg } from '../support/camera-sources.ts'
import { startChild } from '../support/child.ts'
import { temporaryFolder } from '../support/data-folder.ts'
import { madeAtMs, timeCodedSource } from '../support/time-code.ts'

const withoutFfmpeg =
  noFfmpeg() ?? (process.platform === 'linux' ? null : 'processes are looked up as Linux lists them')
const withoutAravis = noAravis()
if (withoutFfmpeg) console.log(`Skipped: faults of cameras that ffmpeg reads. On this machine ${withoutFfmpeg}.`)
if (withoutAravis) console.log(`Skipped: faults of Aravis cameras. On this machine ${withoutAravis}.`)

const cleanUps: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

const CODED_SOURCE = timeCodedSource(CODED.widthPx, CODED.heightPx, CODED.framesPerS)
const coded = (part: object = {}) =>
  ffmpegCamera.parse({ kind: 'ffmpeg', format: 'lavfi', source: CODED_SOURCE, ...CODED, paced: false, ...part })

function environment(name: string, value: string): void {
  const before = process.env[name]
  process.env[name] = value
  cleanUps.push(() => {
    if (before === undefined) delete process.env[name]
    else process.env[name] = before
  })
}

async function untilDead(pid: number): Promise<void> {
  while (alive(pid)) await sleep(20)
}

describe.skipIf(withoutFfmpeg)('ffmpeg', () => {
  it('killed in mid-stream, is an error to who waits, and is started again', async () => {
    const camera = await openCamera(coded())
    cleanUps.push(() => camera.close())
    const [reader] = childrenNamed(CODED_SOURCE)
    const waiting = captureAfter(camera, performance.now() + 60_000)
    process.kill(reader, 'SIGKILL')
    await expect(waiting).rejects.toMatchObject({ code: 'device-failed', message: expect.stringContaining('SIGKILL') })
    const askedMs = performance.now()
    for (;;) {
      const frame = await captureAfter(camera, askedMs).catch(() => null)
      if (!frame) continue
      expect(madeAtMs(frame)).toBeGreaterThanOrEqual(askedMs - 1.5)
      break
    }
    expect(camera.notices.map(({ kind }) => kind).filter((kind) => kind !== 'lost-frames')).toEqual([
      'disconnected',
      'reconnected',
    ])
    const children = childrenNamed(CODED_SOURCE)
    expect(children).toHaveLength(1)
    expect(children).not.toContain(reader)
    await camera.close()
    expect(childrenNamed(CODED_SOURCE)).toEqual([])
  })

  it('that hangs is ended with its camera', async () => {
    const camera = await openCamera(coded())
    const [reader] = childrenNamed(CODED_SOURCE)
    process.kill(reader, 'SIGSTOP')
    await camera.close()
    expect(alive(reader)).toBe(false)
  })

  it.each(['streams', 'never says a word'])(
    'does not outlive a bench that is killed, where the source %s',
    async (how) => {
      let settings = coded()
      if (how !== 'streams') {
        // Somebody listens, takes the call, and says nothing: writing would never tell ffmpeg that nobody reads.
        const server = createServer().listen(0, '127.0.0.1')
        await once(server, 'listening')
        cleanUps.push(() => void server.close())
        const address = server.address()
        if (address === null || typeof address === 'string') throw new Error('no port')
        settings = coded({ format: 'nut', source: `tcp://127.0.0.1:${address.port}` })
      }
      const bench = startChild(new URL('../fixtures/cameras/hold-camera.ts', import.meta.url), [
        JSON.stringify(settings),
      ])
      bench.ended.catch(() => undefined)
      await bench.line(how === 'streams' ? 'ready' : 'opening')
      const benchPid = bench.process.pid as number
      let readers: number[] = []
      while (readers.length === 0) {
        await sleep(20)
        readers = childrenNamed(settings.source, benchPid)
      }
      await bench.kill()
      for (const reader of readers) await untilDead(reader)
    },
  )

  it('that is not there is named, with what to do', async () => {
    environment('MEDULLA_FFMPEG', join(temporaryFolder(), 'ffmpeg'))
    await expect(openCamera(coded())).rejects.toMatchObject({
      code: 'device-failed',
      message: expect.stringContaining('ffmpeg'),
      detail: { remedy: expect.stringContaining('Install ffmpeg') },
    })
  })

  it('can set nothing on a source that has no controls, and says so before it opens it', async () => {
    await expect(openCamera(coded({ values: { exposureMs: 4 } }))).rejects.toMatchObject({
      code: 'invalid-input',
      message: expect.stringContaining('camera.values'),
    })
  })

  it('that sends something else than frames is not believed', async () => {
    const program = join(temporaryFolder(), 'ffmpeg')
    writeFileSync(program, '#!/bin/sh\nif [ "$2" = -version ]; then echo ffmpeg version 9.9; else yes; fi\n', {
      mode: 0o755,
    })
    environment('MEDULLA_FFMPEG', program)
    await expect(openCamera(coded())).rejects.toMatchObject({
      code: 'device-failed',
      message: expect.stringContaining('cannot be read'),
    })
  })

  it.each([
    ['v4l2', '/dev/video99', 'No such file'],
    ['nut', 'tcp://127.0.0.1:9', 'refused'],
    [null, '/nowhere/film.avi', 'No such file'],
    ['lavfi', 'no-such-source', 'no-such-source'],
    ['nonsense', 'x', 'nonsense'],
  ])('says what is wrong with a source that cannot be opened: %s %s', async (format, source, words) => {
    await expect(openCamera(coded({ format, source }))).rejects.toMatchObject({
      code: 'device-failed',
      message: expect.stringContaining(words),
      detail: { remedy: expect.stringMatching(/\.$/) },
    })
    expect(childrenNamed(source)).toEqual([])
  })

  it('refuses frames of another size than the rig file has, from the start or later', async () => {
    const other = coded({ source: timeCodedSource(640, 360, 30) })
    await expect(openCamera(other)).rejects.toMatchObject({
      code: 'device-failed',
      message: expect.stringContaining('sends 640 x 360 pixels; the rig file has 320 x 240'),
    })
    expect(childrenNamed(other.source)).toEqual([])
    // A source whose frames change: JPEGs one after the other, the later ones larger.
    const jpeg = (widthPx: number, heightPx: number) =>
      sharp({ create: { width: widthPx, height: heightPx, channels: 3, background: '#a86' } })
        .jpeg()
        .toBuffer()
    const [small, large] = [await jpeg(320, 240), await jpeg(640, 360)]
    const film = join(temporaryFolder(), 'film.mjpeg')
    writeFileSync(film, Buffer.concat([...Array(100).fill(small), ...Array(50).fill(large)]))
    const camera = await openCamera(coded({ format: 'mjpeg', source: film, paced: true, framesPerS: 25 }))
    cleanUps.push(() => camera.close())
    for (;;) {
      const error = await captureAfter(camera, performance.now()).then(
        () => null,
        (reason: unknown) => reason,
      )
      if (error === null) continue
      expect(error).toMatchObject({
        code: 'device-failed',
        message: expect.stringMatching(/changed the size|640 x 360/),
      })
      break
    }
  })
})

/** Another file may have the one fake camera there is. */
describe.skipIf(withoutAravis)('aravis', { timeout: 400_000 }, () => {
  const settings = aravisCamera.parse({
    kind: 'aravis',
    camera: 'Aravis-Fake-GV01',
    widthPx: 320,
    heightPx: 240,
    framesPerS: 25,
    packetSizeBytes: 9000,
  })

  it('says which cameras there are where the one that is wanted does not answer', async () => {
    const source = await FakeAravisCamera.plug()
    cleanUps.push(() => source.remove())
    await expect(openCamera({ ...settings, camera: 'Basler-acA1920-40gc-1' })).rejects.toMatchObject({
      code: 'device-failed',
      message: expect.stringContaining('Aravis-Fake-GV01'),
    })
  })

  it('says that a camera does not give what is asked of it', async () => {
    const source = await FakeAravisCamera.plug()
    cleanUps.push(() => source.remove())
    await expect(openCamera({ ...settings, widthPx: 4000 })).rejects.toMatchObject({
      code: 'device-failed',
      message: expect.stringContaining('4000 x 240'),
    })
    await expect(openCamera({ ...settings, values: { exposureMs: 1e6 } })).rejects.toMatchObject({
      code: 'invalid-input',
    })
  })

  it('gives every pixel format as RGB, and frames in the order they were taken', async () => {
    const source = await FakeAravisCamera.plug()
    cleanUps.push(() => source.remove())
    for (const pixelFormat of ['mono8', 'rgb8', 'bayer-rg8'] as const) {
      const camera = await openCamera({ ...settings, widthPx: 160, heightPx: 120, pixelFormat })
      const frames = [await captureAfter(camera, performance.now()), await captureAfter(camera, performance.now())]
      await camera.close()
      for (const { data } of frames) {
        expect(data.length).toBe(3 * 160 * 120)
        expect(new Set(data).size).toBeGreaterThan(50)
      }
      // The fake camera's ramp moves by one with each frame it counts.
      if (pixelFormat === 'mono8') expect(frames[0].data[0]).not.toBe(frames[1].data[0])
    }
  })

  it('does not take frames for new that piled up while this process was busy', async () => {
    const source = await FakeAravisCamera.plug()
    cleanUps.push(() => source.remove())
    // Without any allowance, which would cover for a driver that goes by arrivals.
    const camera = await openCamera({ ...settings, latencyMs: 0 })
    cleanUps.push(() => camera.close())
    // Its ramp begins with the number of the frame, modulo 255, and it takes one every 40 ms.
    const numberOf = (frame: { data: Uint8Array }) => frame.data[0]
    for (let i = 0; i < 3; i++) {
      const before = await captureAfter(camera, performance.now())
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 900)
      const askedMs = performance.now()
      const [next, fresh] = await Promise.all([
        captureAfter(camera, Number.NEGATIVE_INFINITY),
        captureAfter(camera, askedMs),
      ])
      const passed = (frame: { data: Uint8Array }) => (numberOf(frame) - numberOf(before) + 255) % 255
      // From the first frame to the question it took so many, or somewhat fewer: it is a program on this busy computer itself.
      const takenMeanwhile = (askedMs - before.exposureEndMs) / 40
      expect(passed(next)).toBeLessThan(0.4 * takenMeanwhile)
      expect(passed(fresh)).toBeGreaterThan(0.6 * takenMeanwhile)
    }
  })

  it('leaves no gst-launch behind, also where the bench is killed', async () => {
    const source = await FakeAravisCamera.plug()
    cleanUps.push(() => source.remove())
    const bench = startChild(new URL('../fixtures/cameras/hold-camera.ts', import.meta.url), [JSON.stringify(settings)])
    await bench.line('ready')
    const readers = childrenNamed('aravissrc', bench.process.pid)
    expect(readers.length).toBeGreaterThan(0)
    await bench.kill()
    for (const reader of readers) await untilDead(reader)
  })
})

describe('a folder', () => {
  const settings = (images: string) =>
    folderCamera.parse({ kind: 'folder', images, widthPx: 64, heightPx: 48, latencyMs: 100, timeoutMs: 1500 })

  it('has to be there', async () => {
    await expect(openCamera(settings(join(temporaryFolder(), 'none')))).rejects.toMatchObject({ code: 'device-failed' })
  })

  it('in which nothing new appears is a time-out: images that were there before do not count', async () => {
    const folder = temporaryFolder()
    const image = sharp({ create: { width: 64, height: 48, channels: 3, background: '#a86' } }).png()
    writeFileSync(join(folder, 'old.png'), await image.toBuffer())
    const camera = await openCamera(settings(folder))
    cleanUps.push(() => camera.close())
    await expect(captureAfter(camera, performance.now())).rejects.toMatchObject({ code: 'capture-timeout' })
  })

  it('whose images have another size, or are no images, says so', async () => {
    const folder = temporaryFolder()
    const camera = await openCamera(settings(folder))
    cleanUps.push(() => camera.close())
    const large = await sharp({ create: { width: 65, height: 48, channels: 3, background: '#a86' } })
      .png()
      .toBuffer()
    const first = captureAfter(camera, performance.now())
    const told = expect(first).rejects.toMatchObject({
      code: 'device-failed',
      message: expect.stringContaining('65 x 48'),
    })
    await sleep(400)
    writeFileSync(join(folder, 'large.png'), large)
    await told
    const second = captureAfter(camera, performance.now())
    const refused = expect(second).rejects.toMatchObject({ code: 'image-unreadable' })
    await sleep(400)
    writeFileSync(join(folder, 'half.png'), large.subarray(0, 60))
    await refused
  })
})
