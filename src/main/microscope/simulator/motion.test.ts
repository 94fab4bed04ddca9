import { describe, expect, it } from 'vitest'
import {
  durationMs,
  followWithPlay,
  halted,
  type MotionProfile,
  phaseAt,
  quantise,
  ringing,
  trapezoid,
} from './motion.ts'
import { Random } from './random.ts'

const limits = { speedUmPerMs: 20, accelerationUmPerMs2: 0.3 }

function at(profile: MotionProfile, ms: number) {
  let left = ms
  for (const phase of profile) {
    if (left <= phase.durationMs) return phaseAt(phase, left)
    left -= phase.durationMs
  }
  const last = profile[profile.length - 1]
  return phaseAt(last, last.durationMs)
}

describe('trapezoid', () => {
  it('takes the time that physics says, in a triangle and at full speed', () => {
    // 2 sqrt(d / a); v / a + d / v
    expect(durationMs(trapezoid(0, 170, limits))).toBeCloseTo(2 * Math.sqrt(170 / 0.3), 9)
    expect(durationMs(trapezoid(0, -5000, limits))).toBeCloseTo(20 / 0.3 + 5000 / 20, 9)
    expect(trapezoid(12, 12, limits)).toEqual([])
  })

  it('starts and ends at rest, never exceeds its limits, never turns back, and is continuous', () => {
    const random = new Random(5)
    for (let run = 0; run < 200; run++) {
      const from = random.range(-3000, 3000)
      const to = random.range(-3000, 3000)
      const profile = trapezoid(from, to, limits)
      const total = durationMs(profile)
      expect(at(profile, 0)).toEqual({ um: from, velocityUmPerMs: 0 })
      expect(at(profile, total).um).toBeCloseTo(to, 6)
      expect(at(profile, total).velocityUmPerMs).toBeCloseTo(0, 6)
      const step = total / 100
      for (let i = 1; i <= 100; i++) {
        const before = at(profile, (i - 1) * step)
        const after = at(profile, i * step)
        expect(Math.abs(after.velocityUmPerMs)).toBeLessThanOrEqual(20 + 1e-9)
        expect(Math.abs(after.velocityUmPerMs - before.velocityUmPerMs)).toBeLessThanOrEqual(0.3 * step + 1e-9)
        expect((after.um - before.um) * Math.sign(to - from)).toBeGreaterThanOrEqual(-1e-9)
        expect(Math.abs(after.um - before.um)).toBeLessThanOrEqual(20 * step + 1e-9)
      }
    }
  })
})

describe('halted', () => {
  it('brakes from where and how fast the motion is, within its braking distance', () => {
    const profile = trapezoid(0, 5000, limits)
    for (const ms of [1, 30, 66, 100, 200, 290]) {
      const stopped = halted(profile, ms, limits)
      const { um, velocityUmPerMs } = at(profile, ms)
      const last = stopped[stopped.length - 1]
      const end = phaseAt(last, last.durationMs)
      expect(end.velocityUmPerMs).toBeCloseTo(0, 9)
      expect(end.um).toBeCloseTo(um + velocityUmPerMs ** 2 / (2 * 0.3), 6)
      expect(end.um).toBeLessThanOrEqual(5000 + 1e-6)
      expect(at(stopped, ms / 2)).toEqual(at(profile, ms / 2))
    }
  })

  it('leaves a motion alone that is over', () => {
    const profile = trapezoid(0, 100, limits)
    expect(durationMs(halted(profile, 1e6, limits))).toBeCloseTo(durationMs(profile), 9)
  })
})

describe('followWithPlay', () => {
  it('loses the play at each reversal and none without', () => {
    let load = 0
    const trace = [0, 5, 10, 9, 8, 7, 6, 7, 8, 9].map((motor) => {
      load = followWithPlay(load, motor, 2)
      return load
    })
    expect(trace).toEqual([0, 5, 10, 10, 10, 9, 8, 8, 8, 9])
  })

  it('is where the motor is after coming from below by the play, whatever went before', () => {
    const random = new Random(8)
    for (let run = 0; run < 100; run++) {
      let load = random.range(-100, 100)
      for (let i = 0; i < 10; i++) load = followWithPlay(load, random.range(-50, 50), 2)
      load = followWithPlay(load, 18, 2)
      expect(followWithPlay(load, 20, 2)).toBe(20)
    }
  })
})

describe('ringing', () => {
  it('dies away and is exactly nothing once settled', () => {
    const early = Math.max(...Array.from({ length: 20 }, (_, i) => Math.abs(ringing(0.5, i + 0.5, 60, 14))))
    const late = Math.max(...Array.from({ length: 20 }, (_, i) => Math.abs(ringing(0.5, 40 + i, 60, 14))))
    expect(early).toBeGreaterThan(0.25)
    expect(late).toBeLessThan(0.05 * early)
    expect(ringing(0.5, 60, 60, 14)).toBe(0)
    expect(ringing(0.5, 1e9, 60, 14)).toBe(0)
  })
})

it('quantise gives decimal steps', () => {
  expect(quantise(0.3 + 1e-9, 10)).toBe(0.3)
  expect(quantise(-12.34, 10)).toBe(-12.3)
  expect(quantise(1.026, 20)).toBe(1.05)
})
