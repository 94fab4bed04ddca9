import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { Random } from './random.ts'
import { SimulatedStage } from './simulated-stage.ts'
import { DEFAULT_STAGE_OPTIONS, IDEAL_MECHANICS, WORN_MECHANICS } from './simulated-stage-options.ts'

const fast = { seed: 3, timeScale: 500 }
const now = () => performance.now()

describe('a move', () => {
  it('ends at the target in whole steps, read back, and settled', async () => {
    const stage = new SimulatedStage(fast)
    const position = await stage.moveTo({ xUm: 170.04, yUm: -20.26, zUm: -3.02 })
    expect(position).toEqual({ xUm: 170, yUm: -20.3, zUm: -3 })
    expect(await stage.position()).toEqual(position)
    const settled = stage.truePositionAt(now())
    await setTimeout(5)
    expect(stage.truePositionAt(now())).toEqual(settled)
  })

  it('leaves the axes alone that have no target', async () => {
    const stage = new SimulatedStage(fast)
    const before = await stage.position()
    await stage.moveTo({ xUm: 10 })
    expect(await stage.position()).toEqual({ ...before, xUm: 10 })
  })

  it('is true to its target within the error of the lead screws, which is not nothing', async () => {
    const stage = new SimulatedStage(fast)
    let worst = 0
    for (let i = 1; i < 20; i++) {
      const target = { xUm: 130 * i, yUm: -90 * i, zUm: -i }
      await stage.moveTo(target)
      const at = stage.truePositionAt(now())
      worst = Math.max(worst, Math.abs(at.xUm - target.xUm), Math.abs(at.yUm - target.yUm))
      expect(at.zUm).toBe(target.zUm)
    }
    expect(worst).toBeLessThanOrEqual(0.4)
    expect(worst).toBeGreaterThan(0.05)
  })

  it('is off by 5 um rms in x and in y when it is worn, the same at every visit, and reads back nothing of it', async () => {
    for (const seed of [3, 4]) {
      const stage = new SimulatedStage({ ...fast, seed, ...WORN_MECHANICS })
      let squares = 0
      const places = 60
      for (let i = 0; i < places; i++) {
        for (let j = 0; j < places; j++) {
          const at = { xUm: -4900 + 163.3 * i, yUm: -4900 + 163.3 * j }
          const truth = stage.truePlaceOf(at)
          squares += (truth.xUm - at.xUm) ** 2 + (truth.yUm - at.yUm) ** 2
        }
      }
      const rmsUm = Math.sqrt(squares / (2 * places ** 2))
      expect(rmsUm, `seed ${seed}`).toBeGreaterThan(4.5)
      expect(rmsUm, `seed ${seed}`).toBeLessThan(5.5)
    }
    const stage = new SimulatedStage({ ...fast, ...WORN_MECHANICS })
    const target = { xUm: 1234.5, yUm: -678.9, zUm: -3 }
    expect(await stage.moveTo(target)).toEqual(target)
    const first = stage.truePositionAt(now())
    await stage.moveTo({ xUm: 4000, yUm: 3000 })
    await stage.moveTo(target)
    expect(stage.truePositionAt(now())).toEqual(first)
    expect({ xUm: first.xUm, yUm: first.yUm }).toEqual(stage.truePlaceOf(target))
  })

  it('is worn in a part that a field away tells nothing of, and that stands still while the stage vibrates', () => {
    const scattered = new SimulatedStage({ ...fast, positionErrorUm: 0, scatterUm: 0.5 })
    const offs = Array.from({ length: 3000 }, (_, i) => scattered.truePlaceOf({ xUm: -4900 + 3.1 * i, yUm: 17 }).xUm)
    const off = (i: number) => offs[i]! - (-4900 + 3.1 * i)
    const mean = (of: (i: number) => number, n: number) =>
      Array.from({ length: n }, (_, i) => of(i)).reduce((a, b) => a + b) / n
    expect(Math.sqrt(mean((i) => off(i) ** 2, 3000))).toBeCloseTo(0.5, 1)
    expect(mean((i) => (off(i) * off(i + 55)) / 0.25, 2900)).toBeLessThan(0.2)
    expect(Math.max(...Array.from({ length: 2999 }, (_, i) => Math.abs(off(i + 1) - off(i))))).toBeLessThan(0.5)
  })

  it('is exact with ideal mechanics', async () => {
    const stage = new SimulatedStage({ ...fast, ...IDEAL_MECHANICS })
    const target = { xUm: -33.3, yUm: 44.4, zUm: -5.55 }
    await stage.moveTo({ xUm: 100 })
    await stage.moveTo(target)
    expect(stage.truePositionAt(now())).toEqual(target)
  })

  it('passes through every place between, vibrates, then stands still', async () => {
    const stage = new SimulatedStage({ ...fast, timeScale: 1, positionErrorUm: 0 })
    await stage.moveTo({ xUm: 0 })
    const startMs = now()
    await stage.moveTo({ xUm: 200 })
    const endMs = now()
    const trace = Array.from(
      { length: 400 },
      (_, i) => stage.truePositionAt(startMs + ((endMs - startMs) * i) / 399).xUm,
    )
    expect(trace[0]).toBe(0)
    expect(trace[399]).toBe(200)
    expect(trace.filter((um) => um > 20 && um < 180).length).toBeGreaterThan(20)
    expect(Math.max(...trace)).toBeGreaterThan(200.1)
  })

  it('counts steps, which on the way down the slide lags behind by the backlash', async () => {
    const stage = new SimulatedStage({ ...fast, timeScale: 1, positionErrorUm: 0 })
    await stage.moveTo({ xUm: 1000 })
    const startMs = now()
    const move = stage.moveTo({ xUm: 0 })
    const outcome = expect(move).rejects.toMatchObject({ name: 'AbortError' })
    await setTimeout(20)
    await stage.halt()
    await outcome
    const { xUm } = await stage.position()
    expect(xUm).toBeLessThan(1000)
    await setTimeout(80)
    expect(stage.truePositionAt(now()).xUm).toBe(xUm + 2)
    expect(stage.truePositionAt(startMs).xUm).toBe(1000)
  })
})

it('the same target means the same true position, whatever the stage did before', async () => {
  const random = new Random(21)
  const target = { xUm: 412.3, yUm: -77.7, zUm: -1.25 }
  const arrivals = new Set<string>()
  for (let run = 0; run < 25; run++) {
    const stage = new SimulatedStage({
      ...fast,
      // Where the power came on, and how the backlash lay then, differ as well.
      start: { xUm: random.range(-900, 900), yUm: random.range(-900, 900), zUm: random.range(-900, 20) },
    })
    for (let i = random.int(5); i > 0; i--) {
      const near = { xUm: target.xUm + random.range(-4, 4), yUm: target.yUm + random.range(-4, 4) }
      const far = { xUm: random.range(-2000, 2000), zUm: random.range(-500, 50) }
      await stage.moveTo(random.chance(0.5) ? near : far)
      if (!random.chance(0.4)) continue
      // Broken off somewhere on the way, perhaps within the backlash.
      const broken = stage.moveTo({ xUm: random.range(400, 430), yUm: target.yUm, zUm: target.zUm })
      broken.catch(() => {})
      if (random.chance(0.5)) await setTimeout(0)
      await stage.halt()
      await broken.catch(() => {})
    }
    await stage.moveTo(target)
    arrivals.add(JSON.stringify(stage.truePositionAt(now())))
    // Asked again for the place where it is.
    await stage.moveTo(target)
    arrivals.add(JSON.stringify(stage.truePositionAt(now())))
  }
  expect([...arrivals]).toHaveLength(1)
})

describe('limits', () => {
  it.each([
    [{ xUm: 5000.1 }],
    [{ yUm: -5001 }],
    [{ xUm: 0, yUm: 0, zUm: 201 }],
    [{ xUm: Number.NaN }],
    [{ zUm: Number.POSITIVE_INFINITY }],
  ])('refuses %j before anything moves', async (target) => {
    const stage = new SimulatedStage(fast)
    const before = stage.truePositionAt(now())
    await expect(stage.moveTo({ xUm: 1, ...target })).rejects.toMatchObject({
      code: 'position-out-of-limits',
      detail: { motionPossible: false },
    })
    await setTimeout(2)
    expect(stage.truePositionAt(now())).toEqual(before)
  })

  it('reaches both ends of the soft limits, approach from below included', async () => {
    const stage = new SimulatedStage(fast)
    for (const xUm of [-5000, 5000, -5000]) expect(await stage.moveTo({ xUm })).toMatchObject({ xUm })
  })

  it('stops at a limit switch where the soft limits are set too wide, and says so', async () => {
    const stage = new SimulatedStage({ ...fast, hardMarginUm: -500 })
    await expect(stage.moveTo({ xUm: 4900 })).rejects.toMatchObject({
      code: 'device-failed',
      message: expect.stringContaining('limit switch (x)'),
      detail: { motionPossible: true },
    })
    expect((await stage.position()).xUm).toBe(4500)
    expect(await stage.moveTo({ xUm: 4400 })).toMatchObject({ xUm: 4400 })
  })
})

describe('stopping', () => {
  const slow = { ...fast, timeScale: 1 }

  it('halts in mid-move; the move is broken off, not failed', async () => {
    const stage = new SimulatedStage({ ...slow, start: { xUm: -5000, yUm: 0, zUm: 0 } })
    const move = stage.moveTo({ xUm: 5000 })
    const outcome = expect(move).rejects.toMatchObject({ name: 'AbortError' })
    await setTimeout(60)
    await stage.halt()
    await outcome
    const { xUm } = await stage.position()
    expect(xUm).toBeGreaterThan(-5000)
    expect(xUm).toBeLessThan(5000)
    await setTimeout(20)
    expect((await stage.position()).xUm).toBe(xUm)
  })

  it('aborting halts and rejects with the reason', async () => {
    const stage = new SimulatedStage({ ...slow, start: { xUm: -5000, yUm: 0, zUm: 0 } })
    const controller = new AbortController()
    const reason = new Error('enough')
    const move = stage.moveTo({ xUm: 5000, zUm: 100 }, controller.signal)
    const outcome = expect(move).rejects.toBe(reason)
    await setTimeout(40)
    controller.abort(reason)
    await outcome
    const first = await stage.position()
    await setTimeout(20)
    expect(await stage.position()).toEqual(first)
    expect(first.xUm).toBeLessThan(5000)
  })

  it('does not set out when aborted before', async () => {
    const stage = new SimulatedStage(fast)
    const before = await stage.position()
    const reason = new Error('never mind')
    await expect(stage.moveTo({ xUm: 5 }, AbortSignal.abort(reason))).rejects.toBe(reason)
    expect(await stage.position()).toEqual(before)
  })

  it('refuses a second move meanwhile', async () => {
    const stage = new SimulatedStage({ ...slow, start: { xUm: 0, yUm: 0, zUm: 0 } })
    const move = stage.moveTo({ xUm: 300 })
    await expect(stage.moveTo({ xUm: 0 })).rejects.toMatchObject({ code: 'device-failed' })
    expect(await move).toMatchObject({ xUm: 300 })
  })

  it('takes the next move as soon as the halt is over', async () => {
    const stage = new SimulatedStage(slow)
    const outcome = expect(stage.moveTo({ xUm: 5000, zUm: 0 })).rejects.toMatchObject({ name: 'AbortError' })
    await setTimeout(20)
    await stage.halt()
    expect(await stage.moveTo({ zUm: -1000 })).toMatchObject({ zUm: -1000 })
    await outcome
  })

  it('closing ends a move under way and everything after', async () => {
    const stage = new SimulatedStage(slow)
    const outcome = expect(stage.moveTo({ xUm: 5000 })).rejects.toMatchObject({ name: 'AbortError' })
    await stage.close()
    await outcome
    await expect(stage.moveTo({ xUm: 0 })).rejects.toMatchObject({ code: 'device-failed' })
    await expect(stage.position()).rejects.toMatchObject({ code: 'device-failed' })
  })
})

describe('faults', () => {
  const remedy = { remedy: expect.stringMatching(/\.$/) }

  it('a silent controller fails after its time, and works again if it answers again', async () => {
    const stage = new SimulatedStage(fast)
    stage.failNext('silent')
    await expect(stage.moveTo({ xUm: 5 })).rejects.toMatchObject({
      code: 'device-failed',
      detail: { ...remedy, motionPossible: true },
    })
    stage.failNext('silent')
    await expect(stage.position()).rejects.toMatchObject({ code: 'device-failed', detail: { motionPossible: false } })
    expect(await stage.moveTo({ xUm: 7 })).toMatchObject({ xUm: 7 })
  })

  it('a stall leaves the stage short of its target', async () => {
    const stage = new SimulatedStage({ ...fast, start: { xUm: 0, yUm: 0, zUm: 0 } })
    stage.failNext('stall')
    await expect(stage.moveTo({ xUm: 3000 })).rejects.toMatchObject({
      code: 'device-failed',
      detail: { ...remedy, motionPossible: true },
    })
    const { xUm } = await stage.position()
    expect(xUm).toBeGreaterThan(0)
    expect(xUm).toBeLessThan(3000)
  })

  it('after a disconnect nothing answers until the link is back; the motion had gone on', async () => {
    const stage = new SimulatedStage({ ...fast, start: { xUm: 0, yUm: 0, zUm: 0 } })
    stage.failNext('disconnect')
    await expect(stage.moveTo({ xUm: 3000 })).rejects.toMatchObject({
      code: 'device-failed',
      detail: { ...remedy, motionPossible: true },
    })
    await expect(stage.position()).rejects.toMatchObject({ code: 'device-failed' })
    await expect(stage.halt()).rejects.toMatchObject({ code: 'device-failed' })
    stage.reconnect()
    expect(await stage.moveTo({ yUm: 3 })).toMatchObject({ xUm: 3000, yUm: 3 })
  })
})

it('a step to the next field takes as long as planned at life speed', () => {
  // Of the defaults, by hand: two ramps of sqrt(d / a), then the settling.
  const { accelerationMmPerS2 } = DEFAULT_STAGE_OPTIONS.xy
  const stepMs = 2 * Math.sqrt(170 / (accelerationMmPerS2 / 1000)) + DEFAULT_STAGE_OPTIONS.settleMs
  expect(stepMs).toBeGreaterThan(100)
  expect(stepMs).toBeLessThan(150)
})
