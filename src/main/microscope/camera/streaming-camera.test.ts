import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { MedullaError } from '../../../shared/errors.ts'
import { type CameraValues, captureAfter, NO_CONTROLS } from './camera.ts'
import type { CameraDriver, StreamEvents } from './camera-driver.ts'
import { StreamingCamera } from './streaming-camera.ts'

const PERIOD_MS = 40
const LATENCY_MS = 80

/** A camera in virtual time: stamps on a clock of its own, 10 ms from its stamp to here. */
class ScriptedCamera implements CameraDriver {
  readonly name = 'scripted'
  readonly widthPx = 2
  readonly heightPx = 2
  readonly format = 'gray'
  readonly pixelSizeUm = null
  readonly framePeriodMs = PERIOD_MS
  readonly latencyMs = LATENCY_MS
  readonly hostClock = false
  readonly fewFramesRemedy = 'Look at the script.'
  readonly controls = { ...NO_CONTROLS, exposureMs: { min: 1, max: 30, step: null } }
  readonly values = { ...NO_CONTROLS, exposureMs: 5 }
  apply: CameraDriver['apply'] = null
  /** What becomes of a start: frames, nothing at all, or an end at once. */
  behaviour: 'streams' | 'mute' | 'ends' = 'streams'
  /** Longest exposure that it survives. */
  refusesAboveMs = Number.POSITIVE_INFINITY
  starts = 0
  running = 0
  current: { events: StreamEvents; values: CameraValues } | null = null

  start(values: CameraValues, events: StreamEvents) {
    this.starts++
    this.running++
    const startedMs = performance.now()
    const session = { events, values }
    this.current = session
    const refused = (values.exposureMs ?? 0) > this.refusesAboveMs
    if (this.behaviour === 'ends' || refused) setTimeout(() => events.failed(failure('it ended')), 5)
    const timer = setInterval(() => {
      if (this.behaviour !== 'streams' || refused || this.current !== session) return
      events.alive()
      events.frame(new Uint8Array(4).fill(values.exposureMs ?? 0), performance.now() - startedMs - 10)
    }, PERIOD_MS)
    return {
      stop: async () => {
        clearInterval(timer)
        await new Promise((resolve) => setTimeout(resolve, 30))
        this.running--
      },
    }
  }
}

const failure = (message: string) => new MedullaError('device-failed', message, { remedy: 'Try again.' })

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance', 'Date'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** Lets virtual time pass until the promise is settled. @returns what came of it, and when. */
async function settle<T>(work: Promise<T>): Promise<{ value: T | null; error: unknown; afterMs: number }> {
  const startMs = performance.now()
  let end: { value: T | null; error: unknown } | null = null
  work.then(
    (value) => {
      end = { value, error: null }
    },
    (error: unknown) => {
      end = { value: null, error }
    },
  )
  while (!end) await vi.advanceTimersByTimeAsync(10)
  return { ...(end as { value: T | null; error: unknown }), afterMs: performance.now() - startMs }
}

async function opened(driver = new ScriptedCamera()) {
  const { value, error } = await settle(StreamingCamera.open(driver))
  if (!value) throw error
  return { driver, camera: value }
}

describe('a camera that falls silent', () => {
  it('is told within two seconds to who waits for a frame, and to who asks later', async () => {
    const { driver, camera } = await opened()
    driver.behaviour = 'mute'
    const first = await settle(captureAfter(camera, performance.now() + 50))
    expect(first.error).toMatchObject({ code: 'device-failed', message: expect.stringContaining('sent nothing') })
    expect(first.afterMs).toBeLessThanOrEqual(2000)
    const second = await settle(captureAfter(camera, performance.now()))
    expect(second.error).toMatchObject({ code: 'device-failed' })
    expect(second.afterMs).toBeLessThanOrEqual(2000)
    expect(camera.state).toBe('disconnected')
    await settle(camera.close())
  })

  it('is started again until it is back, one start at a time', async () => {
    const { driver, camera } = await opened()
    driver.behaviour = 'ends'
    driver.current?.events.failed(failure('pulled'))
    for (let i = 0; i < 1000; i++) {
      await vi.advanceTimersByTimeAsync(10)
      expect(driver.running).toBeLessThanOrEqual(1)
    }
    expect(driver.starts).toBeGreaterThan(5)
    expect(driver.starts).toBeLessThan(12)
    driver.behaviour = 'streams'
    await vi.advanceTimersByTimeAsync(4000)
    expect(camera.state).toBe('streaming')
    expect(camera.notices.map(({ kind }) => kind)).toEqual(['disconnected', 'reconnected'])
    expect((await settle(captureAfter(camera, performance.now()))).error).toBeNull()
    await settle(camera.close())
    expect(driver.running).toBe(0)
  })

  it('gives a capture its frame where it is back in time', async () => {
    const { driver, camera } = await opened()
    driver.current?.events.failed(failure('ended'))
    const askedMs = performance.now()
    const { value } = await settle(captureAfter(camera, askedMs))
    expect(value?.exposureStartMs).toBeGreaterThanOrEqual(askedMs)
    await settle(camera.close())
  })

  it('that never said a word is not opened, and nothing of it stays', async () => {
    const driver = new ScriptedCamera()
    driver.behaviour = 'mute'
    const { error } = await settle(StreamingCamera.open(driver))
    expect(error).toMatchObject({ code: 'device-failed', message: expect.stringContaining('sends no frames') })
    expect(driver.running).toBe(0)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(driver.starts).toBe(1)
  })
})

it('says so where the stamps of a source mean nothing', async () => {
  const driver = new ScriptedCamera()
  driver.behaviour = 'mute'
  let stampMs = 0
  const flood = setInterval(() => {
    driver.current?.events.alive()
    stampMs += PERIOD_MS
    driver.current?.events.frame(new Uint8Array(4), stampMs)
  }, 5)
  const { error } = await settle(StreamingCamera.open(driver))
  clearInterval(flood)
  expect(error).toMatchObject({ code: 'device-failed', message: expect.stringContaining('do not keep time') })
})

it('says how few frames arrive, and what the driver knows about that', async () => {
  const driver = new ScriptedCamera()
  driver.behaviour = 'mute'
  const opening = settle(StreamingCamera.open(driver))
  await vi.advanceTimersByTimeAsync(100)
  for (let i = 1; i <= 3; i++) driver.current?.events.frame(new Uint8Array(4), i * PERIOD_MS)
  expect((await opening).error).toMatchObject({
    message: expect.stringMatching(/^Only 3 frames/),
    detail: { remedy: 'Look at the script.' },
  })
})

describe('a setting', () => {
  it('that needs a new start holds captures up, and every frame after it has it', async () => {
    const { driver, camera } = await opened()
    const change = camera.configure({ exposureMs: 20 })
    const during = captureAfter(camera, performance.now())
    expect((await settle(change)).value).toMatchObject({ exposureMs: 20 })
    expect((await settle(during)).value?.data[0]).toBe(20)
    expect(driver.starts).toBe(2)
    expect(camera.notices).toEqual([])
    await settle(camera.close())
  })

  it('that the camera does not survive is taken back', async () => {
    const { driver, camera } = await opened()
    driver.refusesAboveMs = 10
    expect((await settle(camera.configure({ exposureMs: 20 }))).error).toMatchObject({ code: 'device-failed' })
    await vi.advanceTimersByTimeAsync(3000)
    expect(camera.values.exposureMs).toBe(5)
    expect((await settle(captureAfter(camera, performance.now()))).value?.data[0]).toBe(5)
    await settle(camera.close())
  })

  it('that is taken while it streams is not believed of frames on their way', async () => {
    const driver = new ScriptedCamera()
    let appliedMs = 0
    driver.apply = async () => {
      appliedMs = performance.now()
    }
    const { camera } = await opened(driver)
    const before = performance.now()
    await settle(camera.configure({ exposureMs: 20 }))
    const { value } = await settle(captureAfter(camera, before))
    expect(value?.exposureStartMs).toBeGreaterThanOrEqual(appliedMs + LATENCY_MS)
    expect(driver.starts).toBe(1)
    await settle(camera.close())
  })

  it('that was made while it streamed is made again when the camera comes back', async () => {
    const driver = new ScriptedCamera()
    const applied: object[] = []
    driver.apply = async (change) => {
      applied.push(change)
    }
    const { camera } = await opened(driver)
    await settle(camera.configure({ exposureMs: 20 }))
    driver.current?.events.failed(failure('pulled'))
    expect((await settle(captureAfter(camera, performance.now() + 1000))).error).toBeNull()
    expect(applied).toEqual([{ exposureMs: 20 }, { exposureMs: 20 }])
    await settle(camera.close())
  })

  it('of an exposure beyond the frame period makes frames older by as much', async () => {
    const driver = new ScriptedCamera()
    driver.apply = async () => undefined
    Object.assign(driver, { controls: { ...driver.controls, exposureMs: { min: 1, max: 500, step: null } } })
    const { camera } = await opened(driver)
    await settle(camera.configure({ exposureMs: 140 }))
    const { value } = await settle(captureAfter(camera, performance.now()))
    expect(value && value.exposureEndMs - value.exposureStartMs).toBeCloseTo(LATENCY_MS + 100, -1)
    await settle(camera.close())
  })

  it('out of range, or that there is none of, changes nothing', async () => {
    const { driver, camera } = await opened()
    for (const change of [{ exposureMs: 31 }, { exposureMs: 0 }, { gain: 1 }, { exposureMs: 4, gain: 1 }]) {
      await expect(camera.configure(change)).rejects.toMatchObject({ code: 'invalid-input' })
    }
    expect(driver.starts).toBe(1)
    await settle(camera.close())
  })

  it('is left where the camera is closed meanwhile', async () => {
    const { driver, camera } = await opened()
    const change = settle(camera.configure({ exposureMs: 20 }))
    await vi.advanceTimersByTimeAsync(10)
    await settle(camera.close())
    expect((await change).error).toMatchObject({ code: 'device-failed' })
    await vi.advanceTimersByTimeAsync(60_000)
    expect(driver.running).toBe(0)
  })
})

it('does not take a pause of this process for one of the camera', async () => {
  const openedMs = performance.now()
  const { driver, camera } = await opened()
  // The stream is looked after every 200 ms from its beginning on.
  await vi.advanceTimersByTimeAsync(200 - ((performance.now() - openedMs) % 200))
  // After a pause the first look finds nothing, and what came meanwhile is read after it.
  driver.behaviour = 'mute'
  await vi.advanceTimersByTimeAsync(1420)
  driver.behaviour = 'streams'
  await vi.advanceTimersByTimeAsync(1000)
  expect(camera.state).toBe('streaming')
  expect(camera.notices.filter(({ kind }) => kind !== 'lost-frames')).toEqual([])
  driver.behaviour = 'mute'
  await vi.advanceTimersByTimeAsync(1700)
  expect(camera.state).toBe('disconnected')
  await settle(camera.close())
})

it('counts frames that were lost, and says so in one notice', async () => {
  const { driver, camera } = await opened()
  await vi.advanceTimersByTimeAsync(1000)
  const first = (await settle(captureAfter(camera, performance.now()))).value
  driver.behaviour = 'mute'
  await vi.advanceTimersByTimeAsync(4 * PERIOD_MS)
  driver.behaviour = 'streams'
  await vi.advanceTimersByTimeAsync(2000)
  const second = (await settle(captureAfter(camera, performance.now()))).value
  expect(camera.flow.dropped).toBeGreaterThanOrEqual(3)
  expect((second?.sequence ?? 0) - (first?.sequence ?? 0)).toBeGreaterThan(12)
  expect(camera.notices.map(({ kind }) => kind)).toEqual(['lost-frames'])
  expect(camera.flow.framesPerS).toBeGreaterThan(15)
  await settle(camera.close())
})
