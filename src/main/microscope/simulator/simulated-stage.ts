import { MedullaError } from '../../../shared/errors.ts'
import type { MoveManner, Stage, StageLimits, StagePosition } from '../stage/stage.ts'
import { SimulatedAxis } from './simulated-axis.ts'
import { chanceOf } from './simulated-chance.ts'
import { SimulatedClock } from './simulated-clock.ts'
import type { AxisMechanics, SimulatedStageOptions } from './simulated-stage-options.ts'
import { DEFAULT_STAGE_OPTIONS } from './simulated-stage-options.ts'
import { stageErrorUm } from './stage-error.ts'

/**
 * Faults on demand. silent: the next command is carried out, but no answer comes. stall: the next move stops part way, and the
 * encoder notices. disconnect: the next command loses the link half way, and the controller stays away until `reconnect`;
 * a motion under way goes on to its end.
 */
export type StageFault = 'silent' | 'stall' | 'disconnect'

const AXES = ['x', 'y', 'z'] as const
type Axis = (typeof AXES)[number]

const deviceFailed = (message: string, remedy: string, motionPossible: boolean): MedullaError =>
  new MedullaError('device-failed', message, { remedy, motionPossible })

/** A motorised stage with a focus drive that exists only as a model of its mechanics; see `SimulatedAxis`. */
export class SimulatedStage implements Stage {
  readonly name = 'Simulated stage'
  readonly limits: StageLimits
  readonly retractedZUm: number
  readonly #options: SimulatedStageOptions
  readonly #clock: SimulatedClock
  readonly #axes: Readonly<Record<Axis, SimulatedAxis>>
  readonly #faults: StageFault[] = []
  #moves = 0
  #busyMs = 0
  #linkLost = false
  #closed = false
  /** The move under way, and how to break it off. */
  #moving: { readonly halt: AbortController; readonly over: Promise<unknown> } | null = null

  constructor(options: Partial<SimulatedStageOptions> = {}) {
    this.#options = { ...DEFAULT_STAGE_OPTIONS, ...options }
    const { seed, timeScale, limits, retractedZUm, start, xy, z } = this.#options
    this.limits = limits
    this.retractedZUm = retractedZUm
    this.#clock = new SimulatedClock(timeScale)
    const middle = (axis: 'x' | 'y') => (limits[axis].minUm + limits[axis].maxUm) / 2
    const axisOf = (axis: Axis, index: number, startUm: number, mechanics: AxisMechanics) =>
      new SimulatedAxis(startUm, chanceOf(seed, 1, index) * mechanics.backlashUm, {
        ...mechanics,
        vibrationMs: this.#options.vibrationMs,
        hardMinUm: limits[axis].minUm - this.#options.hardMarginUm,
        hardMaxUm: limits[axis].maxUm + this.#options.hardMarginUm,
      })
    this.#axes = {
      x: axisOf('x', 0, start?.xUm ?? middle('x'), xy),
      y: axisOf('y', 1, start?.yUm ?? middle('y'), xy),
      z: axisOf('z', 2, start?.zUm ?? retractedZUm, z),
    }
  }

  /** Time spent in motion and settling so far, milliseconds of this process: what a scan cannot do without. */
  get busyMs(): number {
    return this.#busyMs
  }

  /** The next command meets with this fault; several queue up. */
  failNext(fault: StageFault): void {
    this.#faults.push(fault)
  }

  /** Plugs the link in again after a `disconnect`. */
  reconnect(): void {
    this.#linkLost = false
  }

  async position(): Promise<StagePosition> {
    this.#assertLinked()
    const fault = this.#takeFault('silent', 'disconnect')
    if (fault === 'silent') {
      await this.#clock.sleepUntil(this.#clock.nowMs() + this.#options.replyTimeoutMs)
      throw this.#silent(false)
    }
    if (fault === 'disconnect') throw this.#loseLink(false)
    return this.#countedAt(this.#clock.nowMs())
  }

  async moveTo(target: Partial<StagePosition>, signal?: AbortSignal, manner: MoveManner = {}): Promise<StagePosition> {
    this.#assertLinked()
    const targets = this.#checked(target)
    if (this.#moving) {
      throw deviceFailed('The stage is still moving', 'Wait for the move under way, or halt it first.', true)
    }
    signal?.throwIfAborted()

    const halt = new AbortController()
    const move = this.#carryOut(targets, signal ? AbortSignal.any([signal, halt.signal]) : halt.signal, manner)
    this.#moving = { halt, over: move.catch(() => {}) }
    return move
  }

  async halt(): Promise<void> {
    this.#assertLinked()
    this.#brake()
    this.#moving?.halt.abort(new DOMException('The stage was halted', 'AbortError'))
    await this.#moving?.over
    await this.#clock.sleepUntil(this.#stopMs)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#brake()
    this.#moving?.halt.abort(new DOMException('The stage was closed', 'AbortError'))
    await this.#moving?.over
  }

  /**
   * Where the slide really is under the objective, as only a simulation knows it: with backlash, vibration and the error of the lead
   * screws. Once settled it depends on the target alone.
   * @param tMs `performance.now()` of this process, not more than a few dozen moves ago.
   */
  truePositionAt(tMs: number): StagePosition {
    const ms = this.#clock.toDeviceMs(tMs)
    const at = this.truePlaceOf({ xUm: this.#axes.x.loadAt(ms), yUm: this.#axes.y.loadAt(ms) })
    return { ...at, zUm: this.#axes.z.loadAt(ms) }
  }

  /** The place that it takes for this one, settled and with its backlash taken up. Nothing of the difference shows in `position`. */
  truePlaceOf({ xUm, yUm }: Pick<StagePosition, 'xUm' | 'yUm'>): Pick<StagePosition, 'xUm' | 'yUm'> {
    const { seed } = this.#options
    return {
      xUm: xUm + stageErrorUm(this.#options, seed, 0, xUm, yUm),
      yUm: yUm + stageErrorUm(this.#options, seed, 1, yUm, xUm),
    }
  }

  async #carryOut(
    targets: readonly (readonly [Axis, number])[],
    stop: AbortSignal,
    { straight, unsettled }: MoveManner,
  ): Promise<StagePosition> {
    const fault = this.#takeFault('silent', 'stall', 'disconnect')
    const startMs = Math.max(this.#clock.nowMs() + this.#options.commandMs, this.#stopMs)
    const tripped = targets.filter(([axis, um]) => this.#axes[axis].moveTo(um, startMs, straight).hitsLimitSwitch)
    const partMs = startMs + (this.#stopMs - startMs) * (0.2 + 0.6 * chanceOf(this.#options.seed, 2, this.#moves++))
    if (fault === 'stall') for (const axis of AXES) this.#axes[axis].block(partMs)
    const settledMs = Math.max(startMs, this.#stopMs + (unsettled ? 0 : this.#options.settleMs))
    try {
      if (fault === 'disconnect') {
        await this.#clock.sleepUntil(partMs, stop)
        throw this.#loseLink(true)
      }
      await this.#clock.sleepUntil(settledMs, stop)
      if (fault === 'silent') {
        await this.#clock.sleepUntil(settledMs + this.#options.replyTimeoutMs, stop)
        throw this.#silent(true)
      }
      if (fault === 'stall') {
        throw deviceFailed(
          'The stage stopped before it reached its target',
          'Look for an obstacle at slide and objective, free the stage, then resume.',
          true,
        )
      }
      if (tripped.length > 0) {
        throw deviceFailed(
          `The stage ran into a limit switch (${tripped.map(([axis]) => axis).join(', ')})`,
          'Check the soft limits of the stage against its travel.',
          true,
        )
      }
      this.#busyMs += this.#clock.toProcessMs(settledMs - startMs)
      return this.#countedAt(this.#clock.nowMs())
    } catch (error) {
      if (stop.aborted) {
        this.#brake()
        await this.#clock.sleepUntil(this.#stopMs)
      }
      throw error
    } finally {
      this.#moving = null
    }
  }

  get #stopMs(): number {
    return Math.max(...AXES.map((axis) => this.#axes[axis].stopMs))
  }

  #countedAt(ms: number): StagePosition {
    return { xUm: this.#axes.x.motorAt(ms), yUm: this.#axes.y.motorAt(ms), zUm: this.#axes.z.motorAt(ms) }
  }

  #brake(): void {
    const nowMs = this.#clock.nowMs()
    for (const axis of AXES) this.#axes[axis].halt(nowMs)
  }

  #checked(target: Partial<StagePosition>): (readonly [Axis, number])[] {
    const targets = AXES.flatMap((axis) => {
      const um = target[`${axis}Um`]
      return um === undefined ? [] : [[axis, um] as const]
    })
    for (const [axis, um] of targets) {
      const { minUm, maxUm } = this.limits[axis]
      if (um >= minUm && um <= maxUm) continue
      throw new MedullaError(
        'position-out-of-limits',
        `The stage was asked for ${axis} = ${um} um; it may go from ${minUm} to ${maxUm} um`,
        {
          remedy: 'Choose a position within the limits of the stage.',
          motionPossible: false,
          values: { axis, um, minUm, maxUm },
        },
      )
    }
    return targets
  }

  #takeFault(...possible: readonly StageFault[]): StageFault | null {
    return this.#faults.length > 0 && possible.includes(this.#faults[0]) ? this.#faults.shift()! : null
  }

  #assertLinked(): void {
    if (this.#closed) throw deviceFailed('The stage is closed', 'Open the microscope again.', false)
    if (this.#linkLost) throw this.#disconnected(false)
  }

  #silent(motionPossible: boolean): MedullaError {
    const remedy = 'Check that the stage controller is switched on and its cable sits, then resume.'
    return deviceFailed('The stage controller does not answer', remedy, motionPossible)
  }

  #loseLink(motionPossible: boolean): MedullaError {
    this.#linkLost = true
    return this.#disconnected(motionPossible)
  }

  #disconnected(motionPossible: boolean): MedullaError {
    return deviceFailed(
      'The link to the stage controller was lost',
      'Plug the stage controller in again, then resume.',
      motionPossible,
    )
  }
}
