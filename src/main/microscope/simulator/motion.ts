/**
 * How one simulated axis moves: pure functions of time. Lengths are micrometres, times milliseconds, so speeds are um/ms
 * (= mm/s) and accelerations um/ms2 (= 1000 mm/s2).
 */

/** A stretch of constant acceleration during which the direction of motion does not change. */
export interface MotionPhase {
  readonly durationMs: number
  readonly fromUm: number
  /** At the start of the phase, signed. */
  readonly velocityUmPerMs: number
  readonly accelerationUmPerMs2: number
}

/** Phases one after the other; empty: no motion. */
export type MotionProfile = readonly MotionPhase[]

export interface MotionLimits {
  readonly speedUmPerMs: number
  readonly accelerationUmPerMs2: number
}

export function durationMs(profile: MotionProfile): number {
  return profile.reduce((sum, phase) => sum + phase.durationMs, 0)
}

/** Where a phase is after `ms`, clamped to its duration. */
export function phaseAt(phase: MotionPhase, ms: number): { readonly um: number; readonly velocityUmPerMs: number } {
  const t = Math.min(Math.max(ms, 0), phase.durationMs)
  return {
    um: phase.fromUm + phase.velocityUmPerMs * t + (phase.accelerationUmPerMs2 * t * t) / 2,
    velocityUmPerMs: phase.velocityUmPerMs + phase.accelerationUmPerMs2 * t,
  }
}

/** The trapezoidal velocity profile between two points at rest: a triangle where the way is too short for full speed. */
export function trapezoid(fromUm: number, toUm: number, limits: MotionLimits): MotionProfile {
  const distance = Math.abs(toUm - fromUm)
  if (distance === 0) return []
  const direction = Math.sign(toUm - fromUm)
  const acceleration = limits.accelerationUmPerMs2
  const peak = Math.min(limits.speedUmPerMs, Math.sqrt(distance * acceleration))
  const rampMs = peak / acceleration
  const rampUm = (peak * rampMs) / 2
  const cruiseUm = Math.max(0, distance - 2 * rampUm)
  return [
    { durationMs: rampMs, fromUm, velocityUmPerMs: 0, accelerationUmPerMs2: direction * acceleration },
    {
      durationMs: cruiseUm / peak,
      fromUm: fromUm + direction * rampUm,
      velocityUmPerMs: direction * peak,
      accelerationUmPerMs2: 0,
    },
    {
      durationMs: rampMs,
      fromUm: toUm - direction * rampUm,
      velocityUmPerMs: direction * peak,
      accelerationUmPerMs2: -direction * acceleration,
    },
  ]
}

/** The profile up to `ms`, where it stops dead: a stage that ran against something. */
export function cutAt(profile: MotionProfile, ms: number): MotionProfile {
  const phases: MotionPhase[] = []
  let leftMs = Math.max(0, ms)
  for (const phase of profile) {
    phases.push({ ...phase, durationMs: Math.min(phase.durationMs, leftMs) })
    leftMs -= phase.durationMs
    if (leftMs < 0) break
  }
  return phases
}

/** The profile up to `ms`, then the brakes: what a halt makes of a motion under way. */
export function halted(profile: MotionProfile, ms: number, limits: MotionLimits): MotionProfile {
  const done = cutAt(profile, ms)
  const last = done.at(-1)
  if (!last) return done
  const { um, velocityUmPerMs } = phaseAt(last, last.durationMs)
  if (velocityUmPerMs === 0) return done
  const braking = {
    durationMs: Math.abs(velocityUmPerMs) / limits.accelerationUmPerMs2,
    fromUm: um,
    velocityUmPerMs,
    accelerationUmPerMs2: -Math.sign(velocityUmPerMs) * limits.accelerationUmPerMs2,
  }
  return [...done, braking]
}

/** The nearest position the motor can hold. */
export function quantise(um: number, stepsPerUm: number): number {
  // Adding zero turns minus zero into zero.
  return Math.round(um * stepsPerUm) / stepsPerUm + 0
}

/**
 * Backlash as a play operator: the load is pushed up by the motor's lower flank and down by its upper one, and stays where
 * it is in between. `loadUm` lies in [motorUm, motorUm + playUm]; it equals `motorUm` once the motor has come from below by at
 * least the play.
 */
export function followWithPlay(loadUm: number, motorUm: number, playUm: number): number {
  return Math.max(motorUm, Math.min(motorUm + playUm, loadUm))
}

/**
 * Vibration after a stop: a decaying sine that is exactly zero from `lastsMs` on, so that a settled stage stands still to
 * the last bit.
 */
export function ringing(amplitudeUm: number, sinceStopMs: number, lastsMs: number, periodMs: number): number {
  if (sinceStopMs <= 0 || sinceStopMs >= lastsMs) return 0
  const decay = (1 - sinceStopMs / lastsMs) ** 3
  return amplitudeUm * decay * Math.sin((2 * Math.PI * sinceStopMs) / periodMs)
}
