/**
 * What a camera read by ffmpeg keeps up at 1920 x 1080, and whether any frame is older than the question for it:
 * `node benchmarks/camera.ts [SECONDS] [RATE]` (20 s, 30 frames/s). JSON on standard output. The source is ffmpeg's synthetic one, whose pixels carry the
 * wall clock at the moment each frame was made (test/support/time-code.ts); `marginMs` is from the question to that moment, and below
 * zero would be a frame that is too old. `pressed`: the same while this process blocks for 300 ms now and then, as when it has other
 * work. `gone`: Aravis's fake camera (where it is installed) is killed in mid-stream; from then to the error, and from its return to
 * the next frame, milliseconds.
 */
import { captureAfter } from '../src/main/microscope/camera/camera.ts'
import { openCamera } from '../src/main/microscope/camera/drivers/index.ts'
import { measureCamera } from '../src/main/microscope/camera/measure-camera.ts'
import { aravisCamera, ffmpegCamera } from '../src/shared/contract/camera.ts'
import { FakeAravisCamera, noAravis, noFfmpeg } from '../test/support/camera-sources.ts'
import { madeAtMs, timeCodedSource } from '../test/support/time-code.ts'

const SECONDS = Number(process.argv[2] ?? 20)
const RATE = Number(process.argv[3] ?? 30)
const KILLS = 5
const SIZE = { widthPx: 1920, heightPx: 1080 }

const missing = noFfmpeg()
if (missing) throw new Error(missing)

async function ffmpegCameraAt(transport: 'rgb24' | 'nv12', pressed: boolean) {
  const source = timeCodedSource(SIZE.widthPx, SIZE.heightPx, RATE)
  const settings = { kind: 'ffmpeg', format: 'lavfi', source, ...SIZE, framesPerS: RATE, paced: false, transport }
  const camera = await openCamera(ffmpegCamera.parse(settings))
  const margins: number[] = []
  const before = process.cpuUsage()
  const measure = await measureCamera(camera, SECONDS, (frame, askedMs) => {
    margins.push(madeAtMs(frame) - askedMs)
    if (pressed && margins.length % 5 === 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300)
  })
  const used = process.cpuUsage(before)
  const disconnected = camera.notices.filter(({ kind }) => kind === 'disconnected').length
  await camera.close()
  margins.sort((a, b) => a - b)
  return {
    transport,
    pressed,
    ...measure,
    // The code counts whole milliseconds.
    framesOlderThanTheirQuestion: margins.filter((margin) => margin < -1).length,
    marginMs: { least: margins[0], median: margins[margins.length >> 1] },
    disconnected,
    cpuShareOfThisProcess: (used.user + used.system) / 1e6 / measure.seconds,
  }
}

async function aravisGone() {
  const why = noAravis()
  if (why) return { skipped: why }
  const source = await FakeAravisCamera.plug()
  const camera = await openCamera(
    aravisCamera.parse({ kind: 'aravis', widthPx: 320, heightPx: 240, framesPerS: 25, packetSizeBytes: 9000 }),
  )
  const errorAfterMs: number[] = []
  const backAfterMs: number[] = []
  for (let i = 0; i < KILLS; i++) {
    await captureAfter(camera, performance.now())
    await source.pull()
    const goneMs = performance.now()
    while (await captureAfter(camera, performance.now()).then(Boolean, () => false)) {}
    errorAfterMs.push(performance.now() - goneMs)
    await source.plug()
    const backMs = performance.now()
    while (!(await captureAfter(camera, performance.now()).then(Boolean, () => false))) {}
    backAfterMs.push(performance.now() - backMs)
  }
  await camera.close()
  await source.remove()
  return { kills: KILLS, errorAfterMs, backAfterMs }
}

const rounded = (_key: string, value: unknown) => (typeof value === 'number' ? Number(value.toFixed(2)) : value)
const result = {
  benchmark: 'camera',
  size: SIZE,
  framesPerS: RATE,
  ffmpeg: [
    await ffmpegCameraAt('rgb24', false),
    await ffmpegCameraAt('nv12', false),
    await ffmpegCameraAt('rgb24', true),
  ],
  gone: await aravisGone(),
}
console.log(JSON.stringify(result, rounded, 2))
process.exit(0)
