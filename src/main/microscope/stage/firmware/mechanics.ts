import type { Clock } from '../../clock.ts'
import { SimulatedAxis } from '../../simulator/simulated-axis.ts'
import { chanceOf } from '../../simulator/simulated-chance.ts'
import { AXES, type Axis, type PerAxis } from '../protocol.ts'
import type { StagePosition } from '../stage.ts'

export interface MechanicsOptions {
  readonly seed: number
  /** Where the limit switches sit, micrometres of the stage itself. */
  readonly travel: PerAxis<{ readonly minUm: number; readonly maxUm: number }>
  /** Where the stage stands at first. */
  readonly start: PerAxis<number>
  /** Where the controller counts from at first; after a reset it is wherever the stage stands then. */
  readonly zero: PerAxis<number>
  readonly speedMmPerS: PerAxis<number>
  readonly accelerationMmPerS2: number
  readonly backlashUm: number
  readonly stepsPerUm: PerAxis<number>
}

/** A stage of the size a slide needs, left at its reference when it was switched off. */
export const DEFAULT_MECHANICS: MechanicsOptions = {
  seed: 1,
  travel: {
    x: { minUm: 0, maxUm: 40_000 },
    y: { minUm: 0, maxUm: 30_000 },
    z: { minUm: 0, maxUm: 8000 },
  },
  start: { x: 0, y: 0, z: 0 },
  zero: { x: 0, y: 0, z: 0 },
  speedMmPerS: { x: 10, y: 10, z: 2 },
  accelerationMmPerS2: 200,
  backlashUm: 2,
  stepsPerUm: { x: 10, y: 10, z: 20 },
}

/**
 * Three motors, the loads that follow them with backlash and vibration, and the controller's counts, which are forgotten at a reset
 * while the stage stays where it is.
 */
export class Mechanics {
  readonly options: MechanicsOptions
  readonly #clock: Clock
  readonly #axes: PerAxis<SimulatedAxis>
  /** Place of the count's zero. */
  #zeroUm: Record<Axis, number>
  readonly #atLimit: Record<Axis, boolean> = { x: false, y: false, z: false }
  /** Motions begun so far: tests ask whether anything set out. */
  motions = 0

  constructor(clock: Clock, options: Partial<MechanicsOptions> = {}) {
    this.options = { ...DEFAULT_MECHANICS, ...options }
    this.#clock = clock
    const { seed, travel, start, speedMmPerS, accelerationMmPerS2, backlashUm, stepsPerUm } = this.options
    const axisOf = (axis: Axis, index: number) =>
      new SimulatedAxis(start[axis], chanceOf(seed, 5, index) * backlashUm, {
        speedMmPerS: speedMmPerS[axis],
        accelerationMmPerS2,
        backlashUm,
        approachUm: 0,
        stepsPerUm: stepsPerUm[axis],
        ringingUm: 0.3,
        ringingPeriodMs: 14,
        vibrationMs: 60,
        hardMinUm: travel[axis].minUm,
        hardMaxUm: travel[axis].maxUm,
      })
    this.#axes = { x: axisOf('x', 0), y: axisOf('y', 1), z: axisOf('z', 2) }
    this.#zeroUm = { ...this.options.zero }
  }

  /** What the controller counts, micrometres. */
  count(axis: Axis): number {
    return this.#axes[axis].motorAt(this.#clock.nowMs()) - this.#zeroUm[axis]
  }

  moving(axis: Axis): boolean {
    return this.#axes[axis].stopMs > this.#clock.nowMs()
  }

  get anyMoving(): boolean {
    return AXES.some((axis) => this.moving(axis))
  }

  /** Whether the last motion was stopped by a limit switch. */
  atLimit(axis: Axis): boolean {
    return this.#atLimit[axis]
  }

  /** To a count. A motion under way is braked first. */
  moveTo(axis: Axis, countUm: number): void {
    const simulated = this.#axes[axis]
    const nowMs = this.#clock.nowMs()
    simulated.halt(nowMs)
    this.motions++
    this.#atLimit[axis] = simulated.moveTo(
      countUm + this.#zeroUm[axis],
      Math.max(nowMs, simulated.stopMs),
    ).hitsLimitSwitch
  }

  halt(axis: Axis): void {
    this.#axes[axis].halt(this.#clock.nowMs())
  }

  haltAll(): void {
    for (const axis of AXES) this.halt(axis)
  }

  setSpeed(axis: Axis, mmPerS: number): void {
    this.#axes[axis].setSpeed(Math.max(mmPerS, 1e-3))
  }

  /** The count becomes this where the axis stands. */
  setCount(axis: Axis, countUm: number): void {
    this.#zeroUm[axis] = this.#axes[axis].motorAt(this.#clock.nowMs()) - countUm
  }

  /** Sets out for the lower limit switch; the firmware sets the count once it is there. */
  runToReference(axis: Axis): void {
    this.moveTo(axis, this.options.travel[axis].minUm - this.#zeroUm[axis])
  }

  /** The power fails or the reset line is pulled: motors stop dead, counts are zero, speeds as from the factory. */
  reset(): void {
    const nowMs = this.#clock.nowMs()
    for (const axis of AXES) {
      this.#axes[axis].block(nowMs)
      this.#zeroUm[axis] = this.#axes[axis].motorAt(nowMs)
      this.setSpeed(axis, this.options.speedMmPerS[axis])
    }
  }

  /** Somebody turns the joystick: the controller counts along. */
  push(axis: Axis, byUm: number): void {
    this.moveTo(axis, this.count(axis) + byUm)
  }

  /** The motors' places on the stage itself, whatever the controller counts. */
  placeAt(ms: number): PerAxis<number> {
    return { x: this.#axes.x.motorAt(ms), y: this.#axes.y.motorAt(ms), z: this.#axes.z.motorAt(ms) }
  }

  /** Where the slide really is, with backlash and vibration. @param tMs device milliseconds. */
  loadAt(tMs: number): StagePosition {
    return { xUm: this.#axes.x.loadAt(tMs), yUm: this.#axes.y.loadAt(tMs), zUm: this.#axes.z.loadAt(tMs) }
  }
}
