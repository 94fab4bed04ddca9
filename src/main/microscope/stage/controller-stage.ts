import type { StageSettings } from '../../../shared/contract/rig.ts'
import { MedullaError } from '../../../shared/errors.ts'
import type { Clock } from '../clock.ts'
import { HOMING_ORDER, runHome } from './homing.ts'
import type { ByteLine } from './line/byte-line.ts'
import { LineFault } from './line/line-fault.ts'
import { RECOVERY_MS } from './line/line-session.ts'
import { ControllerLink } from './link.ts'
import { Operation } from './operation.ts'
import { AXES, type AxisTargets, type PerAxis, type StageProtocol } from './protocol.ts'
import type { DrivenStage, MoveManner, StageLimits, StageNotice, StagePosition, StageState } from './stage.ts'
import { outOfLimits, positionUnknown, stageError } from './stage-errors.ts'
import { Travel, type TravelParts } from './travel.ts'
import { Whereabouts } from './whereabouts.ts'

const NOTICES_KEPT = 100

/**
 * A stage behind a motor controller: limits, backlash, z first, pieces, halts and recovery, over a protocol that knows only what to
 * send and how answers read. Rules it keeps whatever the line does:
 * a position is read back twice alike and never remembered; no motion command leaves after a halt; a relative move is never sent
 * again; after a reset the position is unknown until homed; after a fault the objective retracts before x or y moves.
 */
export class ControllerStage implements DrivenStage {
  readonly name: string
  readonly limits: StageLimits
  readonly retractedZUm: number
  readonly #protocol: StageProtocol
  readonly #clock: Clock
  readonly #link: ControllerLink
  readonly #whereabouts: Whereabouts
  readonly #parts: TravelParts
  readonly #travel: Travel
  readonly #notices: StageNotice[] = []
  #operation: Operation | null = null
  #closed = false

  private constructor(line: ByteLine, protocol: StageProtocol, settings: StageSettings, clock: Clock) {
    this.#protocol = protocol
    this.#clock = clock
    this.limits = settings.limits
    this.retractedZUm = settings.retractedZUm
    this.name = `${protocol.title} on ${line.name}`
    this.#link = new ControllerLink(line, protocol, clock, settings, {
      reset: (message) => this.#notice('reset', `${message}; home the stage`),
      disconnected: () => this.#notice('disconnected', `${line.name} is gone`),
      reconnected: () => this.#notice('reconnected', `${line.name} is back`),
    })
    this.#whereabouts = new Whereabouts(this.#link, {
      clock,
      protocol,
      retractedZUm: settings.retractedZUm,
      movedByHand: () => this.#notice('moved-by-hand', 'The stage was moved by its joystick or by hand'),
    })
    this.#parts = { link: this.#link, whereabouts: this.#whereabouts, protocol, settings, clock }
    this.#travel = new Travel(this.#parts)
  }

  /**
   * Opens the line, makes sure who answers, and sets it up. Nothing moves. Rejects `device-failed`, `device-taken`.
   * @param protocol used by this stage alone.
   */
  static async open(
    line: ByteLine,
    protocol: StageProtocol,
    settings: StageSettings,
    clock: Clock,
  ): Promise<ControllerStage> {
    const stage = new ControllerStage(line, protocol, settings, clock)
    try {
      await stage.#link.reach()
    } catch (error) {
      await stage.#link.close()
      throw stage.#explained(error, false)
    }
    return stage
  }

  get identity(): string {
    return this.#link.session.identity ?? this.#protocol.title
  }

  get notices(): readonly StageNotice[] {
    return this.#notices
  }

  get state(): StageState {
    if (this.#closed) return 'closed'
    if (this.#operation) return this.#operation.kind
    if (!this.#link.ready) return this.#link.trusted ? 'disconnected' : 'unreferenced'
    return this.#link.trusted ? 'idle' : 'unreferenced'
  }

  get canHome(): boolean {
    return HOMING_ORDER.every((axes) => this.#protocol.home(axes) !== null)
  }

  async position(): Promise<StagePosition> {
    this.#assertOpen()
    if (!this.#operation) this.#link.session.takeHeart()
    if (this.#operation?.kind === 'homing') {
      throw positionUnknown('The stage is being homed: where it is will be known afterwards', true)
    }
    try {
      return positionOf(await this.#whereabouts.read(this.#operation ? 'in-motion' : 'at-rest'))
    } catch (error) {
      throw this.#explained(await this.#cause(error), this.#operation?.motionPossible ?? false)
    }
  }

  async moveTo(target: Partial<StagePosition>, signal?: AbortSignal, manner: MoveManner = {}): Promise<StagePosition> {
    this.#assertOpen()
    const to = targetsOf(target)
    for (const axis of AXES) {
      const um = to[axis]
      const { minUm, maxUm } = this.limits[axis]
      // What is no number is in no range.
      if (um !== undefined && !(um >= minUm && um <= maxUm)) throw outOfLimits(axis, um, this.limits[axis])
    }
    return this.#operate('moving', (operation) => this.#travel.to(to, operation, manner), signal)
  }

  async home(signal?: AbortSignal): Promise<StagePosition> {
    this.#assertOpen()
    const without = HOMING_ORDER.filter((axes) => this.#protocol.home(axes) === null)
    if (without.length === HOMING_ORDER.length || (without.length > 0 && !this.#link.trusted)) {
      const which = without.length === HOMING_ORDER.length ? '' : ` (${without.flat().join(', ')})`
      throw new MedullaError('device-failed', `${this.#protocol.title} has no reference to home to${which}`, {
        remedy:
          'Bring the stage to its origin by hand, set the controller to zero there, and open the microscope again.',
        motionPossible: false,
      })
    }
    return this.#operate('homing', (operation) => runHome(this.#parts, operation), signal)
  }

  async halt(): Promise<void> {
    this.#assertOpen()
    const operation = this.#operation
    try {
      await this.#halt(operation, new DOMException('The stage was halted', 'AbortError'))
    } catch (error) {
      throw this.#explained(error, true)
    } finally {
      await operation?.over.catch(() => undefined)
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    const operation = this.#operation
    if (operation) {
      // Whether it could be stopped is told by the move itself.
      await this.#halt(operation, new DOMException('The stage was closed', 'AbortError')).catch(() => undefined)
      await operation.over.catch(() => undefined)
    }
    this.#closed = true
    await this.#link.close()
  }

  async #operate(
    kind: 'moving' | 'homing',
    work: (operation: Operation) => Promise<PerAxis<number>>,
    signal?: AbortSignal,
  ): Promise<StagePosition> {
    if (this.#operation) {
      throw new MedullaError('device-failed', `The stage is still ${this.#operation.kind}`, {
        remedy: 'Wait until it has arrived, or halt it first.',
        motionPossible: true,
      })
    }
    signal?.throwIfAborted()
    this.#link.session.takeHeart()
    const operation = new Operation(kind)
    this.#operation = operation
    const abort = () => void this.#halt(operation, signal?.reason).catch(() => undefined)
    signal?.addEventListener('abort', abort, { once: true })
    const carriedOut = this.#guarded(operation, work).finally(() => {
      signal?.removeEventListener('abort', abort)
      this.#operation = null
    })
    operation.over = carriedOut.catch(() => undefined)
    return carriedOut
  }

  async #guarded(
    operation: Operation,
    work: (operation: Operation) => Promise<PerAxis<number>>,
  ): Promise<StagePosition> {
    try {
      const there = await work(operation)
      operation.halted.throwIfAborted()
      return positionOf(there)
    } catch (error) {
      this.#whereabouts.rest = null
      if (!operation.halted.aborted) {
        this.#whereabouts.retractFirst = true
        await this.#stopAfter(error, operation)
        throw this.#explained(await this.#cause(error), operation.motionPossible)
      }
      try {
        await (operation.braked ?? this.#answersAgain())
      } catch (cause) {
        await this.#stopAfter(cause, operation)
        throw this.#explained(cause, true)
      }
      throw operation.halted.reason
    }
  }

  #halt(operation: Operation | null, reason: unknown): Promise<void> {
    operation?.halt(reason)
    this.#whereabouts.forget()
    const { halt, haltHoming } = this.#protocol
    const homing = operation?.kind === 'homing'
    const way = homing ? (haltHoming ?? halt) : halt
    const braked = way ? this.#brake(way) : this.#endOfPiece(operation)
    if (operation && way) operation.braked = braked
    braked.catch(() => undefined)
    return braked
  }

  /** Of a move in pieces the one under way ends, and no other follows. A controller that answers then is at rest. */
  async #endOfPiece(operation: Operation | null): Promise<void> {
    await operation?.over
    await this.#answersAgain()
  }

  async #answersAgain(): Promise<void> {
    await this.#link.reach()
    await this.#link.counts()
  }

  async #brake(way: NonNullable<StageProtocol['halt']>): Promise<void> {
    const deadlineMs = this.#clock.nowMs() + RECOVERY_MS
    for (;;) {
      try {
        for (const exchange of way) await this.#link.session.urgent(exchange)
        await this.#whereabouts.comeToRest(deadlineMs)
        return
      } catch (error) {
        if (!(error instanceof LineFault)) throw error
        // A controller that has been reset stands still, and there is nothing left to halt.
        if (error.kind === 'restarted') return
        if (error.kind === 'lost') await this.#link.reach(deadlineMs)
        if (this.#clock.nowMs() >= deadlineMs || error.kind === 'closed') throw error
      }
    }
  }

  /** Nothing goes on moving after a failure, as far as the line allows: where nobody answers, a halt is sent all the same. */
  async #stopAfter(error: unknown, operation: Operation): Promise<void> {
    if (!operation.motionPossible || !(error instanceof LineFault)) return
    const { halt, emergency } = this.#protocol
    if (error.kind === 'refused' && halt) await this.#brake(halt).catch(() => undefined)
    if (error.kind !== 'timeout' && error.kind !== 'garbled') return
    for (const { send } of halt ?? []) this.#link.session.shout(send)
    if (emergency === undefined) return
    this.#link.session.shout(emergency)
    this.#link.lose('The stage had to be stopped at once')
  }

  /** A controller refuses what it did not refuse before when it has been reset. */
  async #cause(error: unknown): Promise<unknown> {
    if (!(error instanceof LineFault) || error.kind !== 'refused') return error
    try {
      return (await this.#link.wasReset()) ? new LineFault('restarted', error.message, { cause: error }) : error
    } catch (other) {
      return other
    }
  }

  /** What went wrong, for people. */
  #explained(error: unknown, motionPossible: boolean): unknown {
    if (!(error instanceof LineFault)) return error
    return stageError(error, this.#protocol.title, this.#link.session.portName, motionPossible)
  }

  #assertOpen(): void {
    if (this.#closed) throw stageError(new LineFault('closed', 'closed'), this.#protocol.title, '', false)
  }

  #notice(kind: StageNotice['kind'], message: string): void {
    this.#notices.push({ atMs: performance.now(), kind, message })
    if (this.#notices.length > NOTICES_KEPT) this.#notices.shift()
  }
}

function targetsOf(target: Partial<StagePosition>): AxisTargets {
  return Object.fromEntries(
    AXES.flatMap((axis) => {
      const um = target[`${axis}Um`]
      return um === undefined ? [] : [[axis, um]]
    }),
  )
}

function positionOf({ x, y, z }: PerAxis<number>): StagePosition {
  return { xUm: x, yUm: y, zUm: z }
}
