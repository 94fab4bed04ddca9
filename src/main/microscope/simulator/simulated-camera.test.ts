import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { captureAfter } from '../camera/camera.ts'
import { NO_EFFECTS } from './effects.ts'
import { Random } from './random.ts'
import { SimulatedCamera } from './simulated-camera.ts'
import { SimulatedCameraDriver } from './simulated-camera-driver.ts'
import { DEFAULT_CAMERA_OPTIONS, type SimulatedCameraOptions } from './simulated-camera-options.ts'
import { SimulatedStage } from './simulated-stage.ts'
import { IDEAL_MECHANICS, type SimulatedStageOptions } from './simulated-stage-options.ts'
import { WaveWorld } from './wave-world.ts'

const now = () => performance.now()
const limits = {
  x: { minUm: 0, maxUm: 6000 },
  y: { minUm: 0, maxUm: 4000 },
  z: { minUm: -100, maxUm: 100 },
}

function bench(
  camera: Partial<SimulatedCameraOptions> = {},
  stage: Partial<SimulatedStageOptions> = {},
  timeScale = 100,
) {
  const world = new WaveWorld(4)
  const theStage = new SimulatedStage({ seed: 4, timeScale, limits, retractedZUm: -100, ...stage })
  const size = { widthPx: 24, heightPx: 16 }
  const theCamera = new SimulatedCamera(world, theStage, {
    seed: 4,
    timeScale,
    ...size,
    effects: NO_EFFECTS,
    ...camera,
  })
  return { world, stage: theStage, camera: theCamera }
}

describe('the driver', () => {
  const options = { ...DEFAULT_CAMERA_OPTIONS, effects: NO_EFFECTS, framePeriodMs: 15, dropShare: 0, duplicateShare: 0 }

  it('hands out the newest buffered frames first, then live ones', () => {
    const driver = new SimulatedCameraDriver(1000, { ...options, bufferedFrames: 3 })
    // Frame 10 ends at 1000 + 150 + 12 = 1162.
    const read = Array.from({ length: 5 }, () => driver.read(1162))
    expect(read.map((frame) => frame.sequence)).toEqual([8, 9, 10, 11, 12])
    expect(read[2].endMs).toBe(1162)
    expect(driver.read(1500).sequence).toBe(30)
  })

  it('loses and repeats frames by their number alone, about as many as asked for', () => {
    const faulty = { ...options, dropShare: 0.1, duplicateShare: 0.2 }
    const read = (nowMs: number, count: number) => {
      const driver = new SimulatedCameraDriver(0, faulty)
      return Array.from({ length: count }, () => driver.read(nowMs))
    }
    const frames = read(0, 3000)
    expect(read(0, 3000)).toEqual(frames)
    const unique = new Set(frames.map((frame) => frame.sequence))
    const repeated = frames.length - unique.size
    const lost = frames.reduce((sum, frame) => sum + frame.lost, 0)
    expect(lost).toBe(frames[frames.length - 1].sequence + 1 - unique.size)
    expect(lost / (unique.size + lost)).toBeCloseTo(0.1, 1)
    expect(repeated / unique.size).toBeCloseTo(0.2, 1)
  })
})

it('never gives a frame whose exposure began too early, nor one twice, whatever is buffered, lost or repeated', async () => {
  const random = new Random(77)
  for (let run = 0; run < 25; run++) {
    const { camera } = bench({
      seed: run,
      bufferedFrames: random.int(8),
      dropShare: random.range(0, 0.5),
      duplicateShare: random.range(0, 0.7),
      framePeriodMs: random.range(12, 60),
    })
    let last = -1
    for (let i = 0; i < 12; i++) {
      if (random.chance(0.4)) await setTimeout(random.int(4))
      const askedMs = now()
      const afterMs = askedMs + random.pick([0, 0, 0.4, -0.5, -2])
      const frame = await captureAfter(camera, afterMs)
      expect(frame.exposureStartMs, `run ${run}, capture ${i}`).toBeGreaterThanOrEqual(afterMs)
      expect(frame.exposureEndMs).toBeLessThanOrEqual(now())
      expect(frame.exposureEndMs - frame.exposureStartMs).toBeCloseTo(0.12, 6)
      expect(frame.sequence).toBeGreaterThan(last)
      last = frame.sequence
    }
  }
})

it('two readers at once each get frames of their own', async () => {
  const { camera } = bench({ duplicateShare: 0.5, dropShare: 0.2 })
  const afterMs = now()
  const frames = await Promise.all(Array.from({ length: 8 }, () => captureAfter(camera, afterMs)))
  expect(new Set(frames.map((frame) => frame.sequence)).size).toBe(8)
  for (const frame of frames) expect(frame.exposureStartMs).toBeGreaterThanOrEqual(afterMs)
})

it('draws only frames that are asked for, and counts those lost', async () => {
  const { camera, world } = bench({ dropShare: 0.6, bufferedFrames: 5 })
  for (let i = 0; i < 20; i++) await captureAfter(camera, now())
  expect(world.requests).toHaveLength(20)
  expect(camera.flow.dropped).toBeGreaterThan(5)
})

it('tells of the end of the exposure before the pixels are there, so that the stage may go on', async () => {
  const { camera, stage, world } = bench({ readoutMs: 3000 })
  await stage.moveTo({ xUm: 1000, yUm: 1000, zUm: 0 })
  const truth = stage.truePositionAt(now())
  const exposure = await camera.startCaptureAfter(now())
  const overMs = now()
  await stage.moveTo({ xUm: 1200 })
  const frame = await exposure.frame
  expect(overMs).toBeGreaterThanOrEqual(exposure.exposureEndMs)
  expect(now() - exposure.exposureEndMs).toBeGreaterThanOrEqual(30)
  expect(frame).toMatchObject({ sequence: exposure.sequence, widthPx: 24, heightPx: 16 })
  expect(frame.data.buffer).toBeInstanceOf(SharedArrayBuffer)
  // What it shows is where the stage was, not where it went meanwhile.
  expect(world.requests[0]).toMatchObject({ centre: { x: truth.xUm, y: truth.yUm }, zUm: truth.zUm })
  expect(world.requests[0].travelUm).toEqual({ x: 0, y: 0 })
})

it('a frame taken on the way is smeared by the way', async () => {
  const { camera, stage, world } = bench({}, IDEAL_MECHANICS, 0.5)
  await stage.moveTo({ xUm: 1000, yUm: 1000, zUm: 0 })
  const move = stage.moveTo({ xUm: 5900 })
  await setTimeout(150)
  await captureAfter(camera, now())
  await move
  const [{ centre, travelUm }] = world.requests
  expect(travelUm.x).toBeGreaterThan(50)
  expect(travelUm.x).toBeLessThanOrEqual(20 * 12)
  expect(travelUm.y).toBe(0)
  expect(centre.x).toBeGreaterThan(1000 + travelUm.x / 2)
  expect(centre.x).toBeLessThan(5900 - travelUm.x / 2)
})

it('the same place gives the same bytes, to another stage and camera with another past', async () => {
  const place = { xUm: 2345.6, yUm: 1234.5, zUm: 2.4 }
  const first = bench({ effects: { ...NO_EFFECTS, fullWellElectrons: 5000 } })
  await first.stage.moveTo(place)
  const one = await captureAfter(first.camera, now())
  await first.stage.moveTo({ xUm: 2000, zUm: 5 })
  const elsewhere = await captureAfter(first.camera, now())
  await first.stage.moveTo(place)
  const again = await captureAfter(first.camera, now())
  const second = bench({ effects: { ...NO_EFFECTS, fullWellElectrons: 5000 } }, { start: { xUm: 1, yUm: 2, zUm: 3 } })
  await second.stage.moveTo({ xUm: 2350, yUm: 1230, zUm: 40 })
  await second.stage.moveTo(place)
  const other = await captureAfter(second.camera, now())
  expect(Buffer.from(again.data).equals(one.data)).toBe(true)
  expect(Buffer.from(other.data).equals(one.data)).toBe(true)
  expect(Buffer.from(elsewhere.data).equals(one.data)).toBe(false)
})

describe('faults', () => {
  const remedy = { remedy: expect.stringMatching(/\.$/) }

  it('times out with a remedy when no frame comes, then goes on', async () => {
    const { camera } = bench()
    camera.failNext('timeout')
    await expect(captureAfter(camera, now())).rejects.toMatchObject({ code: 'capture-timeout', detail: remedy })
    await captureAfter(camera, now())
  })

  it('times out when every frame is lost for too long', async () => {
    const { camera } = bench({ timeoutMs: 100, framePeriodMs: 1000 })
    await expect(captureAfter(camera, now())).rejects.toMatchObject({ code: 'capture-timeout' })
  })

  it('times out for the share of captures it is told to, by the seed', async () => {
    const outcomes = async () => {
      const { camera } = bench({ timeoutShare: 0.4, timeoutMs: 500 })
      const codes: string[] = []
      for (let i = 0; i < 20; i++) {
        codes.push(
          await captureAfter(camera, now()).then(
            () => 'frame',
            (error) => error.code,
          ),
        )
      }
      return codes
    }
    const codes = await outcomes()
    expect(await outcomes()).toEqual(codes)
    expect(new Set(codes)).toEqual(new Set(['frame', 'capture-timeout']))
  })

  it('is gone while its cable is out, and pixels on their way then are lost', async () => {
    let isIn = true
    const { camera } = bench({ isPlugged: () => isIn })
    const { frame } = await camera.startCaptureAfter(now())
    isIn = false
    await expect(frame).rejects.toMatchObject({ code: 'device-failed' })
    expect(camera.state).toBe('disconnected')
    await expect(camera.startCaptureAfter(now())).rejects.toMatchObject({ code: 'device-failed' })
    isIn = true
    expect(camera.state).toBe('streaming')
    await (await camera.startCaptureAfter(now())).frame
  })

  it('repeats itself on demand and while it hangs, wherever the stage is, with frames that count as new', async () => {
    let hung = false
    const { camera, stage } = bench({ isHung: () => hung })
    await stage.moveTo({ xUm: 1000, yUm: 1000, zUm: 0 })
    const first = await captureAfter(camera, now())
    const moved = async (xUm: number) => {
      await stage.moveTo({ xUm })
      const askedMs = now()
      const frame = await captureAfter(camera, askedMs)
      expect(frame.exposureStartMs).toBeGreaterThanOrEqual(askedMs)
      return Buffer.compare(frame.data, first.data)
    }
    camera.failNext('repeat')
    expect(await moved(1100)).toBe(0)
    expect(await moved(1200)).not.toBe(0)
    expect(await moved(1000)).toBe(0)
    hung = true
    expect([await moved(1300), await moved(1400)]).toEqual([0, 0])
    hung = false
    expect(await moved(1500)).not.toBe(0)
  })

  it('is gone after a disconnect until it is plugged in again', async () => {
    const { camera } = bench()
    camera.failNext('disconnect')
    for (let i = 0; i < 2; i++) {
      await expect(captureAfter(camera, now())).rejects.toMatchObject({ code: 'device-failed', detail: remedy })
    }
    camera.reconnect()
    await captureAfter(camera, now())
  })

  it('aborting rejects with the reason, while waiting and while reading out', async () => {
    const { camera } = bench(
      { framePeriodMs: 100_000, exposureMs: 50_000, readoutMs: 50_000, timeoutMs: 1e6 },
      {},
      1000,
    )
    const waiting = new AbortController()
    const reason = new Error('enough')
    const capture = camera.startCaptureAfter(now() + 10, waiting.signal)
    waiting.abort(reason)
    await expect(capture).rejects.toBe(reason)

    const reading = new AbortController()
    const exposure = await camera.startCaptureAfter(now(), reading.signal)
    reading.abort(reason)
    await expect(exposure.frame).rejects.toBe(reason)
  })

  it('closing lets a frame under way arrive and refuses the next', async () => {
    const { camera } = bench()
    const exposure = await camera.startCaptureAfter(now())
    await camera.close()
    expect((await exposure.frame).widthPx).toBe(24)
    await expect(captureAfter(camera, now())).rejects.toMatchObject({ code: 'device-failed' })
  })
})
