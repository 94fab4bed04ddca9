import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { captureAfter } from '../../src/main/microscope/camera/camera.ts'
import { CAMERA_CONTROLS, CAMERA_KINDS } from '../../src/shared/contract/camera.ts'
import { MedullaError } from '../../src/shared/errors.ts'
import { CANNOT, type CameraBench, openCameraBench } from '../support/camera-benches.ts'

/** A code in the pixels counts whole milliseconds. */
const CODE_MS = 1.5

const benches: CameraBench[] = []
afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.close()
})

async function opened(kind: (typeof CAMERA_KINDS)[number]): Promise<CameraBench> {
  const bench = await openCameraBench(kind)
  benches.push(bench)
  return bench
}

async function outcome(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'done'
  } catch (error) {
    if (!(error instanceof MedullaError)) return (error as Error).name
    expect(error.detail.remedy).toMatch(/\.$/)
    return error.code
  }
}

/** Until a capture fails because the camera is gone. */
async function untilGone({ camera }: CameraBench): Promise<void> {
  for (;;) {
    const result = await outcome(camera.startCaptureAfter(performance.now()))
    if (result === 'device-failed' && camera.state === 'disconnected') return
  }
}

for (const kind of CAMERA_KINDS) {
  const missing = CANNOT[kind]()
  if (missing) console.log(`Skipped: cameras of the kind ${kind}. On this machine ${missing}.`)

  describe.skipIf(missing)(kind, () => {
    /** One that lives through the tests that do it no harm: opening one takes seconds. */
    let shared: CameraBench | null = null
    const unharmed = async () => {
      shared ??= await openCameraBench(kind)
      return shared
    }
    afterAll(async () => {
      await shared?.close()
    })
    it('gives frames of its size that were exposed after they were asked for, numbered upwards', async () => {
      const { camera, widthPx, heightPx, madeAtMs } = await unharmed()
      expect(camera).toMatchObject({ state: 'streaming', widthPx, heightPx })
      expect(camera.name.length).toBeGreaterThan(3)
      let sequence = -1
      for (let i = 0; i < 8; i++) {
        const askedMs = performance.now()
        const frame = await captureAfter(camera, askedMs)
        expect(frame.exposureStartMs).toBeGreaterThanOrEqual(askedMs)
        expect(frame.exposureEndMs).toBeGreaterThan(frame.exposureStartMs)
        expect(frame.exposureEndMs).toBeLessThanOrEqual(performance.now())
        expect(frame).toMatchObject({ widthPx, heightPx })
        expect(frame.data.length).toBe(3 * widthPx * heightPx)
        expect(frame.data.buffer).toBeInstanceOf(SharedArrayBuffer)
        expect(frame.sequence).toBeGreaterThan(sequence)
        sequence = frame.sequence
        if (madeAtMs) {
          // What the pixels say lies within what the frame says of itself, and after the question.
          expect(madeAtMs(frame)).toBeGreaterThanOrEqual(askedMs - CODE_MS)
          expect(madeAtMs(frame)).toBeGreaterThanOrEqual(frame.exposureStartMs - CODE_MS)
          expect(madeAtMs(frame)).toBeLessThanOrEqual(frame.exposureEndMs + CODE_MS)
        }
      }
      const { received, latencyMs } = camera.flow
      expect(received).toBeGreaterThanOrEqual(8)
      expect(latencyMs).toBeGreaterThan(0)
    })

    it('waits for a moment that is still to come', async () => {
      const { camera } = await unharmed()
      const laterMs = performance.now() + 700
      const exposure = await camera.startCaptureAfter(laterMs)
      expect(exposure.exposureStartMs).toBeGreaterThanOrEqual(laterMs)
    })

    it('serves several at once, and those who give up with their own reason', async () => {
      const { camera } = await unharmed()
      const askedMs = performance.now()
      const abort = new AbortController()
      const reason = new Error('enough')
      const given = camera.startCaptureAfter(askedMs + 60_000, abort.signal)
      const both = Promise.all([captureAfter(camera, askedMs), captureAfter(camera, askedMs + 300)])
      abort.abort(reason)
      await expect(given).rejects.toBe(reason)
      await expect(camera.startCaptureAfter(askedMs, abort.signal)).rejects.toBe(reason)
      const [first, second] = await both
      expect(first.exposureStartMs).toBeGreaterThanOrEqual(askedMs)
      expect(second.exposureStartMs).toBeGreaterThanOrEqual(askedMs + 300)
    })

    it('says of every control its range, and what it is set to, or null', async () => {
      const { camera, change } = await unharmed()
      for (const control of CAMERA_CONTROLS) {
        const range = camera.controls[control]
        if (!range) {
          await expect(camera.configure({ [control]: 1 })).rejects.toMatchObject({ code: 'invalid-input' })
          continue
        }
        expect(range.min).toBeLessThan(range.max)
        await expect(camera.configure({ [control]: range.max * 2 + 1 })).rejects.toMatchObject({
          code: 'invalid-input',
        })
        await expect(camera.configure({ [control]: Number.NaN })).rejects.toMatchObject({ code: 'invalid-input' })
      }
      expect(await camera.configure({})).toEqual(camera.values)
      if (!change) return
      expect(await camera.configure(change)).toMatchObject(change)
      const askedMs = performance.now()
      expect((await captureAfter(camera, askedMs)).exposureStartMs).toBeGreaterThanOrEqual(askedMs)
      expect(camera.values).toMatchObject(change)
      expect(camera.notices.filter(({ kind }) => kind === 'disconnected')).toEqual([])
    })

    it('says that its source is gone, and is back when that is', async () => {
      const bench = await unharmed()
      shared = null
      benches.push(bench)
      const { camera, madeAtMs } = bench
      await captureAfter(camera, performance.now())
      await bench.die()
      await untilGone(bench)
      // And again, now that it is known to be gone.
      expect(await outcome(camera.startCaptureAfter(performance.now()))).toBe('device-failed')
      await sleep(500)
      await bench.revive()
      for (;;) {
        const backMs = performance.now()
        const frame = await captureAfter(camera, backMs).catch((error: unknown) => {
          expect(error).toMatchObject({ code: 'device-failed' })
          return null
        })
        if (!frame) continue
        expect(frame.exposureStartMs).toBeGreaterThanOrEqual(backMs)
        if (madeAtMs) expect(madeAtMs(frame)).toBeGreaterThanOrEqual(backMs - CODE_MS)
        break
      }
      expect(camera.state).toBe('streaming')
      if (kind === 'simulated') return
      expect(camera.notices.map(({ kind }) => kind).filter((kind) => kind !== 'lost-frames')).toEqual([
        'disconnected',
        'reconnected',
      ])
    })

    /** What each method does in each state. */
    const TABLE = {
      streaming: { capture: 'done', configure: 'done', close: 'done', closeAgain: 'done' },
      capturing: { capture: 'done', configure: 'done', close: 'done', closeAgain: 'done' },
      reconfigured: { capture: 'done', configure: 'done', close: 'done', closeAgain: 'done' },
      dead: { capture: 'device-failed', configure: 'device-failed', close: 'done', closeAgain: 'done' },
      closed: { capture: 'device-failed', configure: 'device-failed', close: 'done', closeAgain: 'done' },
    } as const

    it.each(Object.keys(TABLE) as (keyof typeof TABLE)[])('does what it should while %s', async (state) => {
      const bench = await opened(kind)
      const { camera, change } = bench
      let pending: Promise<string> | null = null
      if (state === 'capturing') pending = outcome(camera.startCaptureAfter(performance.now() + 60_000))
      if (state === 'reconfigured') pending = outcome(camera.configure(change ?? {}))
      if (state === 'dead') {
        await bench.die()
        await untilGone(bench)
      }
      if (state === 'closed') await camera.close()
      const expected = TABLE[state]
      expect(await outcome(captureAfter(camera, performance.now())), 'capture').toBe(expected.capture)
      expect(await outcome(camera.configure(change ?? {})), 'configure').toBe(expected.configure)
      expect(camera.state).toBe({ dead: 'disconnected', closed: 'closed' }[state as string] ?? 'streaming')
      // A change under way, of which closing gets in the way.
      if (state === 'reconfigured') {
        expect(await pending).toBe('done')
        pending = outcome(camera.configure(change ?? {}))
      }
      expect(await outcome(camera.close()), 'close').toBe(expected.close)
      expect(await outcome(camera.close()), 'close again').toBe(expected.closeAgain)
      expect(camera.state).toBe('closed')
      if (pending) expect(await pending).toBe(state === 'reconfigured' && !change ? 'done' : 'device-failed')
      expect(await outcome(camera.startCaptureAfter(0))).toBe('device-failed')
    })
  })
}
