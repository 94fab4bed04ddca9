import { describe, expect, it } from 'vitest'
import type { StagePosition } from '../../src/main/microscope/stage/stage.ts'
import { STAGE_DRIVERS } from '../../src/shared/contract/rig.ts'
import { MedullaError } from '../../src/shared/errors.ts'
import { CAN_HOME, openStageBench, RESTARTS_ON_OPEN, type StageBench } from '../support/stage-bench.ts'

/** Coarsest step among the controllers is GRBL's micrometre. */
const STEP_UM = 1.01
const near = (position: StagePosition, target: Partial<StagePosition>) => {
  for (const [axis, um] of Object.entries(target)) {
    expect(
      Math.abs(position[axis as keyof StagePosition] - um),
      `${axis} of ${JSON.stringify(position)}`,
    ).toBeLessThanOrEqual(STEP_UM)
  }
}
/** Where the stage really is, against what is said. */
const isTrue = ({ firmware, clock }: StageBench, position: StagePosition) =>
  near(firmware.mechanics.loadAt(clock.nowMs()), position)

async function outcome(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'done'
  } catch (error) {
    return error instanceof MedullaError ? error.code : (error as Error).name
  }
}

describe.each(STAGE_DRIVERS)('%s', (driver) => {
  it('opens without moving anything, and says who is there', async () => {
    const { stage, firmware } = await openStageBench(driver)
    expect(stage.identity.length).toBeGreaterThan(3)
    expect(stage.state).toBe('idle')
    // Zaber had to be homed first: two runs to the reference, of three axes.
    expect(firmware.mechanics.motions).toBe(driver === 'zaber' ? 3 : 0)
  })

  it('moves to targets, read back, settled, and really there', async () => {
    const bench = await openStageBench(driver)
    const { stage, run } = bench
    for (const target of [
      { xUm: 1000, yUm: 500, zUm: 200 },
      { xUm: 1170.4 },
      { yUm: 480.2, zUm: 180.7 },
      { xUm: 100, yUm: 100, zUm: 50 },
      { xUm: 9000, yUm: 4000, zUm: 2000 },
    ]) {
      const position = await run(stage.moveTo(target))
      near(position, target)
      isTrue(bench, position)
      expect(await run(stage.position())).toEqual(position)
    }
  })

  it('leaves the axes alone that have no target', async () => {
    const { stage, run } = await openStageBench(driver)
    const first = await run(stage.moveTo({ xUm: 700, yUm: 800, zUm: 900 }))
    const second = await run(stage.moveTo({ yUm: 850 }))
    expect(second).toMatchObject({ xUm: first.xUm, zUm: first.zUm })
  })

  it('comes to the same true place from either side, backlash taken up', async () => {
    const { stage, run, firmware, clock } = await openStageBench(driver)
    const places: string[] = []
    for (const from of [3000, 1000, 2003, 1998, 2000]) {
      await run(stage.moveTo({ xUm: from, yUm: from, zUm: from }))
      await run(stage.moveTo({ xUm: 2000, yUm: 2000, zUm: 2000 }))
      const { xUm, yUm, zUm } = firmware.mechanics.loadAt(clock.nowMs())
      places.push([xUm, yUm, zUm].map((um) => um.toFixed(2)).join(' '))
    }
    expect(new Set(places).size).toBe(1)
  })

  it('retracts the objective before it moves sideways for the first time after a fault', async () => {
    const { stage, run, firmware, clock, line } = await openStageBench(driver)
    await run(stage.moveTo({ zUm: 3000 }))
    line.mute(true)
    expect(await run(outcome(stage.moveTo({ zUm: 3100 })))).toBe('device-failed')
    line.mute(false)
    const move = stage.moveTo({ xUm: 5000, yUm: 3000, zUm: 3100 })
    const trace: { x: number; z: number }[] = []
    const look = () => {
      const { x, z } = firmware.mechanics.placeAt(clock.nowMs())
      trace.push({ x, z })
      clock.after(5, look)
    }
    look()
    await run(move)
    const sideways = trace.filter(({ x }, i) => i > 0 && x !== trace[i - 1].x)
    expect(sideways.length).toBeGreaterThan(10)
    // A micrometre for GRBL, which reports no finer.
    expect(Math.max(...sideways.map(({ z }) => z))).toBeLessThanOrEqual(500 + STEP_UM)
  })

  it('moves sideways for the first time from a focus below its limit, and leaves the focus there', async () => {
    const { stage, run, firmware, clock } = await openStageBench(driver)
    // At its reference, where switched off stages stand: below what may be asked for.
    const before = await run(stage.position())
    expect(before.zUm).toBeLessThan(stage.limits.z.minUm)
    const after = await run(stage.moveTo({ xUm: 1000, yUm: 500 }))
    near(after, { xUm: 1000, yUm: 500, zUm: before.zUm })
    near(firmware.mechanics.loadAt(clock.nowMs()), { xUm: 1000, yUm: 500 })
  })

  it.each([
    [{ xUm: 39_001 }],
    [{ yUm: -5 }],
    [{ zUm: 7901 }],
    [{ xUm: Number.NaN }],
    [{ zUm: Number.POSITIVE_INFINITY }],
  ])('refuses %j before anything is sent', async (target) => {
    const { stage, line, firmware } = await openStageBench(driver)
    const [{ length }, { motions }] = [line.sent, firmware.mechanics]
    await expect(stage.moveTo({ xUm: 500, ...target })).rejects.toMatchObject({
      code: 'position-out-of-limits',
      detail: { motionPossible: false, remedy: expect.stringMatching(/\.$/) },
    })
    expect(line.sent.length).toBe(length)
    expect(firmware.mechanics.motions).toBe(motions)
  })

  it('notices that the stage was moved by hand', async () => {
    const { stage, run, firmware, clock } = await openStageBench(driver)
    await run(stage.moveTo({ xUm: 500, yUm: 500, zUm: 500 }))
    firmware.mechanics.push('x', 300)
    await clock.pass(500)
    near(await run(stage.position()), { xUm: 800, yUm: 500 })
    expect(stage.notices.map(({ kind }) => kind)).toContain('moved-by-hand')
    near(await run(stage.moveTo({ xUm: 600 })), { xUm: 600, yUm: 500 })
  })

  it('halts in mid-move; nothing moves afterwards, and the next move goes on from there', async () => {
    const bench = await openStageBench(driver)
    const { stage, run, firmware, clock } = bench
    await run(stage.moveTo({ xUm: 500, yUm: 500, zUm: 500 }))
    const move = stage.moveTo({ xUm: 20_000 })
    const broken = expect(move).rejects.toMatchObject({ name: 'AbortError' })
    await clock.pass(400)
    await run(stage.halt())
    await run(broken)
    const { motions } = firmware.mechanics
    const position = await run(stage.position())
    expect(position.xUm).toBeGreaterThan(500)
    expect(position.xUm).toBeLessThan(19_000)
    await clock.pass(3000)
    expect(firmware.mechanics.motions).toBe(motions)
    expect(await run(stage.position())).toEqual(position)
    isTrue(bench, await run(stage.moveTo({ xUm: 800 })))
  })

  it('halts the same when aborted, and rejects with the reason', async () => {
    const { stage, run, clock } = await openStageBench(driver)
    const abort = new AbortController()
    const reason = new Error('enough')
    const broken = expect(stage.moveTo({ xUm: 20_000 }, abort.signal)).rejects.toBe(reason)
    await clock.pass(300)
    abort.abort(reason)
    await run(broken)
    expect(stage.state).toBe('idle')
    expect((await run(stage.position())).xUm).toBeLessThan(19_000)
    await expect(stage.moveTo({ xUm: 500 }, AbortSignal.abort(reason))).rejects.toBe(reason)
  })

  it.runIf(CAN_HOME.includes(driver))('homes, z first, and counts from there', async () => {
    const { stage, run, firmware, clock } = await openStageBench(driver)
    await run(stage.moveTo({ xUm: 3000, yUm: 2000, zUm: 1500 }))
    const home = run(stage.home())
    expect(stage.state).toBe('homing')
    const position = await home
    near(position, { xUm: 0, yUm: 0, zUm: 0 })
    expect(stage.state).toBe('idle')
    near(await run(stage.moveTo({ xUm: 400, yUm: 300, zUm: 200 })), { xUm: 400, yUm: 300, zUm: 200 })
    expect(firmware.mechanics.loadAt(clock.nowMs()).xUm).toBeCloseTo(400, 0)
  })

  it.runIf(CAN_HOME.includes(driver))(
    'does not know its position after homing was broken off, until it is homed',
    async () => {
      const { stage, run, clock } = await openStageBench(driver)
      await run(stage.moveTo({ xUm: 20_000, yUm: 15_000, zUm: 4000 }))
      const broken = expect(stage.home()).rejects.toMatchObject({ name: 'AbortError' })
      await clock.pass(400)
      await run(stage.halt())
      await run(broken)
      expect(await run(outcome(stage.position()))).toBe('position-unknown')
      expect(await run(outcome(stage.moveTo({ xUm: 500 })))).toBe('position-unknown')
      near(await run(stage.home()), { xUm: 0, yUm: 0, zUm: 0 })
      near(await run(stage.moveTo({ xUm: 500 })), { xUm: 500 })
    },
  )

  it.runIf(!CAN_HOME.includes(driver))('says that it cannot home once the position is lost', async () => {
    const { stage, run, firmware, clock } = await openStageBench(driver)
    await run(stage.moveTo({ xUm: 500, yUm: 500, zUm: 500 }))
    const move = outcome(stage.moveTo({ xUm: 9000 }))
    await clock.pass(200)
    firmware.reset()
    expect(await run(move)).toBe('position-unknown')
    expect(await run(outcome(stage.home()))).toBe('device-failed')
  })

  it('knows that it has been reset in motion, and reports no position until it is homed', async () => {
    const { stage, run, firmware, clock } = await openStageBench(driver)
    await run(stage.moveTo({ xUm: 5000, yUm: 4000, zUm: 1000 }))
    const move = outcome(stage.moveTo({ xUm: 15_000 }))
    await clock.pass(500)
    firmware.reset()
    expect(await run(move)).toBe('position-unknown')
    expect(await run(outcome(stage.position()))).toBe('position-unknown')
    expect(stage.state).toBe('unreferenced')
    expect(stage.notices.map(({ kind }) => kind)).toContain('reset')
  })

  it.runIf(CAN_HOME.includes(driver))('tells within 5 s of a reset that it was reset while homing', async () => {
    const { stage, run, firmware, clock } = await openStageBench(driver)
    await run(stage.moveTo({ xUm: 20_000, yUm: 15_000, zUm: 4000 }))
    for (const pauseMs of [400, 900]) {
      const home = outcome(stage.home())
      await clock.pass(pauseMs)
      expect(stage.state).toBe('homing')
      firmware.reset()
      const resetMs = clock.nowMs()
      expect(await run(home)).toBe('position-unknown')
      expect(clock.nowMs() - resetMs).toBeLessThanOrEqual(5000)
      expect(await run(outcome(stage.position()))).toBe('position-unknown')
    }
    near(await run(stage.home()), { xUm: 0, yUm: 0, zUm: 0 })
  })

  // GRBL says nothing at all while it homes: there silence means nothing before the time for homing is over.
  it.runIf(CAN_HOME.includes(driver) && driver !== 'grbl')(
    'tells within 5 s that the line fell silent while it homed',
    async () => {
      const { stage, run, clock, line } = await openStageBench(driver)
      await run(stage.moveTo({ xUm: 20_000, yUm: 15_000, zUm: 4000 }))
      const home = outcome(stage.home())
      await clock.pass(400)
      line.mute(true)
      const muteMs = clock.nowMs()
      expect(await run(home)).toBe('device-failed')
      expect(clock.nowMs() - muteMs).toBeLessThanOrEqual(5500)
      line.mute(false)
      expect(await run(outcome(stage.position()))).toBe('position-unknown')
      near(await run(stage.home()), { xUm: 0, yUm: 0, zUm: 0 })
    },
  )

  it('survives a cable pulled in mid-move, or says that the position is lost', async () => {
    const bench = await openStageBench(driver)
    const { stage, run, clock, line } = bench
    await run(stage.moveTo({ xUm: 5000, yUm: 4000, zUm: 1000 }))
    const move = stage.moveTo({ xUm: 15_000 }).catch((error: unknown) => error)
    await clock.pass(400)
    line.unplug()
    await clock.pass(800)
    line.plug()
    const result = await run(move)
    if (RESTARTS_ON_OPEN.includes(driver)) expect(result).toMatchObject({ code: 'position-unknown' })
    else {
      near(result as StagePosition, { xUm: 15_000, yUm: 4000, zUm: 1000 })
      isTrue(bench, result as StagePosition)
      expect(stage.notices.map(({ kind }) => kind)).toEqual(['disconnected', 'reconnected'])
    }
  })
})

/** What each method does in each state. */
type State = 'idle' | 'moving' | 'homing' | 'faulted' | 'disconnected' | 'closed'
type Method = 'position' | 'moveTo' | 'halt' | 'home' | 'close'
const TABLE: Readonly<Record<State, Readonly<Record<Method, string>>>> = {
  idle: { position: 'done', moveTo: 'done', halt: 'done', home: 'done', close: 'done' },
  moving: { position: 'done', moveTo: 'device-failed', halt: 'done', home: 'device-failed', close: 'done' },
  homing: { position: 'position-unknown', moveTo: 'device-failed', halt: 'done', home: 'device-failed', close: 'done' },
  faulted: {
    position: 'device-failed',
    moveTo: 'device-failed',
    halt: 'device-failed',
    home: 'device-failed',
    close: 'done',
  },
  disconnected: {
    position: 'device-failed',
    moveTo: 'device-failed',
    halt: 'device-failed',
    home: 'device-failed',
    close: 'done',
  },
  closed: {
    position: 'device-failed',
    moveTo: 'device-failed',
    halt: 'device-failed',
    home: 'device-failed',
    close: 'done',
  },
}

describe.each(STAGE_DRIVERS)('every method of %s', (driver) => {
  const cases = (Object.keys(TABLE) as State[]).flatMap((state) =>
    (Object.keys(TABLE[state]) as Method[]).map((method) => [state, method, TABLE[state][method]] as const),
  )
  it.each(cases)('while %s: %s is %s', async (state, method, expected) => {
    // What cannot home has no such state, and refuses to home in every other one.
    if (state === 'homing' && !CAN_HOME.includes(driver)) return expect(CAN_HOME).not.toContain(driver)
    const bench = await openStageBench(driver)
    const { stage, run } = bench
    await run(stage.moveTo({ xUm: 500, yUm: 500, zUm: 500 }))
    const { pending } = await enter(bench, state)
    const call = {
      position: () => stage.position(),
      moveTo: () => stage.moveTo({ xUm: 900 }),
      halt: () => stage.halt(),
      home: () => stage.home(),
      close: () => stage.close(),
    }[method]
    const startMs = bench.clock.nowMs()
    const partial = driver === 'prior' && method === 'home' && state === 'idle' ? 'done' : null
    const cannot = method === 'home' && !CAN_HOME.includes(driver) && state === 'idle' ? 'device-failed' : null
    const result = await run(outcome(call()))
    expect(result).toBe(partial ?? cannot ?? expected)
    if (state === 'faulted' || state === 'disconnected') expect(bench.clock.nowMs() - startMs).toBeLessThanOrEqual(5500)
    if (state === 'moving' || state === 'homing') {
      await run(outcome(stage.state === 'closed' ? Promise.resolve() : stage.halt()))
      expect(['done', 'AbortError']).toContain(await run(pending))
    }
  })
})

/** Brings the stage into the state; `pending` is what it is busy with. */
async function enter({ stage, clock, line, run }: StageBench, state: State): Promise<{ pending: Promise<string> }> {
  let pending = Promise.resolve('done')
  if (state === 'moving') pending = outcome(stage.moveTo({ xUm: 20_000 }))
  if (state === 'homing') {
    await run(stage.moveTo({ xUm: 15_000, yUm: 10_000, zUm: 4000 }))
    pending = outcome(stage.home())
  }
  if (state === 'moving' || state === 'homing') {
    await clock.pass(300)
    expect(stage.state).toBe(state)
  }
  if (state === 'faulted') line.mute(true)
  if (state === 'disconnected') line.unplug()
  if (state === 'closed') await run(stage.close())
  return { pending }
}
