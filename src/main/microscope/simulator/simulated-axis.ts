import type { MotionLimits, MotionProfile } from './motion.ts'
import { cutAt, durationMs, followWithPlay, halted, phaseAt, quantise, ringing, trapezoid } from './motion.ts'

export interface SimulatedAxisOptions {
  readonly speedMmPerS: number
  readonly accelerationMmPerS2: number
  /** Lost motion when the direction reverses, micrometres. */
  readonly backlashUm: number
  /** How far below its target the axis starts its last approach; more than the backlash, so that it is always taken up. */
  readonly approachUm: number
  readonly stepsPerUm: number
  /** Vibration after a stop: first amplitude and period. */
  readonly ringingUm: number
  readonly ringingPeriodMs: number
  /** How long it lasts, until nothing moves any more. */
  readonly vibrationMs: number
  /** Where the limit switches are, micrometres. */
  readonly hardMinUm: number
  readonly hardMaxUm: number
}

/** One motion and where the load was when it began. Times are device milliseconds. */
interface Track {
  readonly startMs: number
  readonly endMs: number
  readonly profile: MotionProfile
  readonly motorStartUm: number
  readonly loadStartUm: number
}

/** The camera looks back at most an exposure and a transfer: this many motions reach further than that. */
const TRACKS_KEPT = 64

/** A motor counted in steps, and the load that follows it with backlash and vibration. Times are device milliseconds. */
export class SimulatedAxis {
  readonly options: SimulatedAxisOptions
  #limits: MotionLimits
  #tracks: Track[]
  /** Travel upwards since the last motion downwards: once it exceeds the approach, the backlash is taken up. */
  #upwardUm = 0

  /** @param slackUm where in the backlash the load happens to be when the power comes on, 0 to `backlashUm`. */
  constructor(startUm: number, slackUm: number, options: SimulatedAxisOptions) {
    this.options = options
    this.#limits = { speedUmPerMs: options.speedMmPerS, accelerationUmPerMs2: options.accelerationMmPerS2 / 1000 }
    const motorStartUm = quantise(startUm, options.stepsPerUm)
    const loadStartUm = motorStartUm + slackUm
    this.#tracks = [{ startMs: -Infinity, endMs: -Infinity, profile: [], motorStartUm, loadStartUm }]
  }

  /** Of the motions that begin from now on. */
  setSpeed(speedMmPerS: number): void {
    this.#limits = { ...this.#limits, speedUmPerMs: speedMmPerS }
  }

  /** What the controller counts. */
  motorAt(ms: number): number {
    return this.#follow(this.#trackAt(ms), ms).motorUm
  }

  /** Where the load really is, before the error of the lead screw. */
  loadAt(ms: number): number {
    const track = this.#trackAt(ms)
    const { ringingUm, vibrationMs, ringingPeriodMs } = this.options
    const movedUm = Math.abs(this.#follow(track, track.endMs).motorUm - track.motorStartUm)
    const amplitudeUm = Math.min(ringingUm, movedUm / 10)
    return this.#follow(track, ms).loadUm + ringing(amplitudeUm, ms - track.endMs, vibrationMs, ringingPeriodMs)
  }

  /** When the motor stops, or stopped last. */
  get stopMs(): number {
    return this.#newest.endMs
  }

  /**
   * Sets out for a target so that the last stretch always goes upwards and takes up the backlash, by a detour below the
   * target where needed. The axis must be at rest. `straight`: without the detour.
   * @returns whether a limit switch will stop it on its way.
   */
  moveTo(targetUm: number, startMs: number, straight = false): { readonly hitsLimitSwitch: boolean } {
    const { approachUm, stepsPerUm, hardMinUm, hardMaxUm } = this.options
    const target = quantise(targetUm, stepsPerUm)
    const here = this.motorAt(startMs)
    const takenUp = this.#upwardUm > approachUm - 0.5 / stepsPerUm
    if ((takenUp || straight) && target === here) return { hitsLimitSwitch: false }

    const below = quantise(target - approachUm, stepsPerUm)
    const wanted = straight || here <= below || (takenUp && here < target) ? [target] : [below, target]
    const reached: number[] = []
    let hitsLimitSwitch = false
    for (const point of wanted) {
      const stop = Math.min(Math.max(point, hardMinUm), hardMaxUm)
      reached.push(stop)
      if (stop !== point) {
        hitsLimitSwitch = true
        break
      }
    }

    let from = here
    const profile: MotionProfile[number][] = []
    for (const point of reached) {
      profile.push(...trapezoid(from, point, this.#limits))
      this.#upwardUm = point < from ? 0 : this.#upwardUm + point - from
      from = point
    }
    this.#begin(profile, startMs)
    return { hitsLimitSwitch }
  }

  /** Brakes; the motion under way ends where the brakes leave it. */
  halt(ms: number): void {
    this.#breakOff(ms, (profile, sinceMs) => halted(profile, sinceMs, this.#limits))
  }

  /** Stops dead: the axis ran against something. */
  block(ms: number): void {
    this.#breakOff(ms, cutAt)
  }

  #breakOff(ms: number, remainder: (profile: MotionProfile, sinceMs: number) => MotionProfile): void {
    const track = this.#newest
    if (ms >= track.endMs) return
    const profile = remainder(track.profile, ms - track.startMs)
    this.#tracks[this.#tracks.length - 1] = { ...track, profile, endMs: track.startMs + durationMs(profile) }
    // Where in its detour the motion broke off is not worked out: the next one takes up the backlash anew.
    this.#upwardUm = 0
  }

  get #newest(): Track {
    return this.#tracks[this.#tracks.length - 1]
  }

  #begin(profile: MotionProfile, startMs: number): void {
    const previous = this.#newest
    const { motorUm, loadUm } = this.#follow(previous, previous.endMs)
    const endMs = startMs + durationMs(profile)
    this.#tracks.push({ startMs, endMs, profile, motorStartUm: motorUm, loadStartUm: loadUm })
    if (this.#tracks.length > TRACKS_KEPT) this.#tracks.shift()
  }

  #trackAt(ms: number): Track {
    for (let i = this.#tracks.length - 1; i > 0; i--) {
      if (this.#tracks[i].startMs <= ms) return this.#tracks[i]
    }
    return this.#tracks[0]
  }

  #follow(track: Track, ms: number): { readonly motorUm: number; readonly loadUm: number } {
    const { backlashUm, stepsPerUm } = this.options
    let motorUm = track.motorStartUm
    let loadUm = track.loadStartUm
    let leftMs = ms >= track.endMs ? Infinity : ms - track.startMs
    for (const phase of track.profile) {
      motorUm = quantise(phaseAt(phase, leftMs).um, stepsPerUm)
      loadUm = followWithPlay(loadUm, motorUm, backlashUm)
      if (leftMs < phase.durationMs) break
      leftMs -= phase.durationMs
    }
    return { motorUm, loadUm }
  }
}
