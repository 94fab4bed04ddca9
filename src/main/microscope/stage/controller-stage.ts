import type { StageSettings } from '../../../shared/contract/rig.ts'
import { MedullaError } from '../../../shared/errors.ts'
import { type Clock, sleep } from '../clock.ts'
import { legsTo, piecesTo } from './legs.ts'
import type { ByteLine } from './line/byte-line.ts'
import { LineFault } from './line/line-fault.ts'
import { RECOVERY_MS } from './line/line-session.ts'
import { ControllerLink } from './link.ts'
import { AXES, type Axis, type AxisTargets, type PerAxis, type StageProtocol } from './protocol.ts'
import type { DrivenStage, MoveManner, StageLimits, StageNotice, StagePosition, StageState } from './stage.ts'
import { positionUnknown, stageError } from './stage-errors.ts'

const POLL_MS = 10
/** An absolute target is safe to name again; so often, before the stage counts as stuck. */
const ATTEMPTS = 4
/** Interruptions of the line that one move survives. */
const RECOVERIES = 5
/** Longer than planned by this factor and this time: the stage does not come to rest. */
const PATIENCE = 2
const PATIENCE_MS = 2500
const NOTICES_KEPT = 100
const NO_APPROACH: PerAxis<number> = { x: 0, y: 0, z: 0 }
/** The objective first. */
const HOMING_ORDER: readonly (readonly Axis[])[] = [['z'], ['x', 'y']]

/** A move or homing under way. */
class Operation {
  readonly kind: 'moving' | 'homing'
  readonly #halted = new AbortController()
  /** Something was sent that may move the stage. */
  motionPossible = false
  over: Promise<unknown> = Promise.resolve()
  /** Resolves once the stage has come to rest after a halt; rejects when that cannot be made sure. null: not halted, or in pieces. */
  braked: Promise<void> | null = null
  /** Of the controller when the move began: a reset ends it. */
  life: number | null = null

  constructor(kind: 'moving' | 'homing') {
    this.kind = kind
  }

  get halted(): AbortSignal {
    return this.#halted.signal
  }

  halt(reason: unknown): void {
    this.#halted.abort(reason)
  }
}

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
  readonly #settings: StageSettings
  readonly #clock: Clock
  readonly #link: ControllerLink
  readonly #notices: StageNotice[] = []
  #operation: Operation | null = null
  #closed = false
  /** On start and after a fault the objective goes out of the way first. */
  #retractFirst = true
  /** Where each axis came to rest from below. */
  #takenUp: PerAxis<boolean> = { x: false, y: false, z: false }
  #rest: PerAxis<number> | null = null

  private constructor(line: ByteLine, protocol: StageProtocol, settings: StageSettings, clock: Clock) {
    this.#protocol = protocol
    this.#settings = settings
    this.#clock = clock
    this.limits = settings.limits
    this.retractedZUm = settings.retractedZUm
    this.name = `${protocol.title} on ${line.name}`
    this.#link = new ControllerLink(line, protocol, clock, settings, {
      reset: (message) => this.#notice('reset', `${message}; home the stage`),
      disconnected: () => this.#notice('disconnected', `${line.name} is gone`),
      reconnected: () => this.#notice('reconnected', `${line.name} is back`),
    })
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

  async position(): Promise<StagePosition> {
    this.#assertOpen()
    if (!this.#operation) this.#link.session.takeHeart()
    if (this.#operation?.kind === 'homing') {
      throw positionUnknown('The stage is being homed: where it is will be known afterwards', true)
    }
    try {
      return positionOf(await this.#whereIs())
    } catch (error) {
      throw this.#explained(await this.#cause(error), this.#operation?.motionPossible ?? false)
    }
  }

  async moveTo(target: Partial<StagePosition>, signal?: AbortSignal, manner: MoveManner = {}): Promise<StagePosition> {
    this.#assertOpen()
    this.#checkLimits(target)
    return this.#operate('moving', (operation) => this.#carryOut(targetsOf(target), operation, manner), signal)
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
    return this.#operate('homing', (operation) => this.#carryOutHoming(operation), signal)
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
      this.#rest = null
      if (!operation.halted.aborted) {
        this.#retractFirst = true
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

  async #carryOut(to: AxisTargets, operation: Operation, manner: MoveManner): Promise<PerAxis<number>> {
    for (let recoveries = 0; ; recoveries++) {
      try {
        await this.#link.reach()
        operation.life ??= this.#link.life
        if (recoveries > 0) await this.#comeToRest()
        for (const stop of this.#itinerary(await this.#start(), to)) await this.#goTo(stop, operation, manner)
        if (!manner.unsettled) await sleep(this.#clock, this.#settings.settleMs, operation.halted)
        const there = await this.#link.position(this.#rest ? { ...this.#rest, ...to } : 'unknown')
        if (!this.#arrived(there, to)) throw new LineFault('refused', 'it moved away from where it had been sent')
        this.#rest = there
        return there
      } catch (error) {
        const lost = error instanceof LineFault && error.kind === 'lost' && !operation.halted.aborted
        if (!lost || recoveries >= RECOVERIES) throw error
        this.#retractFirst = true
      }
    }
  }

  /** Targets one after the other: the objective out of the way, sideways, and back, where that is due; else all at once. */
  #itinerary(here: PerAxis<number>, to: AxisTargets): AxisTargets[] {
    const sideways = to.x !== undefined || to.y !== undefined
    if (!this.#retractFirst || !sideways) return [to]
    const { z = here.z, ...across } = to
    return [...(this.#isClear(here) ? [] : [{ z: this.retractedZUm }]), across, { z }]
  }

  async #goTo(to: AxisTargets, operation: Operation, manner: MoveManner): Promise<void> {
    const here = this.#rest ?? (await this.#link.position('unknown'))
    const { quantumUm } = this.#protocol
    const { approachUm } = this.#settings
    const below = manner.straight ? NO_APPROACH : approachUm
    for (const leg of legsTo({ here, to, approachUm: below, takenUp: this.#takenUp, quantumUm })) {
      const from = this.#rest ?? (await this.#link.position('unknown'))
      const before = this.#takenUp
      const axes = AXES.filter((axis) => leg[axis] !== undefined)
      this.#takenUp = { ...before, ...Object.fromEntries(axes.map((axis) => [axis, false])) }
      const there = await this.#travel(from, leg, operation)
      this.#rest = there
      const taken = axes.map((axis) => {
        const way = there[axis] - from[axis]
        return [axis, way > 0 && (before[axis] || way >= approachUm[axis] - quantumUm[axis])]
      })
      this.#takenUp = { ...before, ...Object.fromEntries(taken) }
    }
    if (this.#isClear(this.#rest ?? here)) this.#retractFirst = false
  }

  #isClear({ z }: PerAxis<number>): boolean {
    return z <= this.retractedZUm + this.#protocol.quantumUm.z
  }

  async #travel(from: PerAxis<number>, to: AxisTargets, operation: Operation): Promise<PerAxis<number>> {
    let here = from
    let refusal: LineFault | null = null
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      refusal = null
      this.#rest = null
      for (const piece of this.#pieces(here, to)) {
        const before = here
        const clear = await this.#sendMove(piece, here, operation)
        if (clear instanceof LineFault && clear.kind === 'refused') refusal = clear
        await this.#untilIdle(here, piece, operation)
        here = await this.#link.counts()
        if (this.#arrived(here, piece)) continue
        // Once more, in case the first answer to "do you move?" was an old one.
        await this.#untilIdle(here, piece, operation)
        here = await this.#link.position({ ...here, ...piece })
        if (this.#arrived(here, piece)) continue
        // Where it began it may never have heard of the move.
        if (this.#protocol.answersWhenArrived && clear !== true && !this.#arrived(here, before)) {
          this.#link.lose('The stage controller was reset in the middle of a move')
          throw new LineFault('restarted', 'A move was never reported as done')
        }
        break
      }
      if (this.#arrived(here, to)) return here
    }
    throw refusal ?? new LineFault('refused', 'the stage stopped before it reached its target')
  }

  /** true: acknowledged; else what came instead of an acknowledgement, after which it may or may not be under way. */
  async #sendMove(to: AxisTargets, from: PerAxis<number>, operation: Operation): Promise<true | LineFault> {
    let unclear: LineFault | null = null
    this.#assertNotReset(operation)
    for (const exchange of this.#link.move(to, from)) {
      try {
        operation.halted.throwIfAborted()
        const sent = this.#link.session.tell(exchange, () => {
          if (operation.halted.aborted || this.#closed) return false
          if (exchange.motion) operation.motionPossible = true
          return true
        })
        await sent
      } catch (error) {
        if (!(error instanceof LineFault)) throw error
        if (!['timeout', 'garbled', 'refused'].includes(error.kind)) throw error
        unclear = error
      }
    }
    return unclear ?? true
  }

  async #untilIdle(from: PerAxis<number>, to: AxisTargets, operation: Operation): Promise<void> {
    const speed = this.#speedUmPerMs()
    const wayMs = Math.max(0, ...AXES.map((axis) => Math.abs((to[axis] ?? from[axis]) - from[axis]) / speed[axis]))
    const deadlineMs = this.#clock.nowMs() + PATIENCE * wayMs + PATIENCE_MS
    while (!(await this.#link.idle())) {
      if (this.#clock.nowMs() > deadlineMs) throw new LineFault('refused', 'the stage does not come to rest')
      await sleep(this.#clock, POLL_MS, operation.halted)
    }
    operation.halted.throwIfAborted()
    this.#assertNotReset(operation)
  }

  #assertNotReset({ life }: Operation): void {
    if (life !== null && life !== this.#link.life) throw new LineFault('restarted', 'The controller has been reset')
  }

  async #carryOutHoming(operation: Operation): Promise<PerAxis<number>> {
    // A reset that nobody noticed is noticed now, and does no harm any more.
    await this.#link.wasReset()
    await this.#comeToRest()
    const notReset = this.#link.sinceNow()
    for (const axes of HOMING_ORDER) {
      for (const exchange of this.#protocol.home(axes) ?? []) await this.#tellHoming(exchange, operation)
      const deadlineMs = this.#clock.nowMs() + this.#settings.homeTimeoutMs
      while (!(await this.#link.idle())) {
        if (this.#clock.nowMs() > deadlineMs) throw new LineFault('refused', 'homing does not end')
        await sleep(this.#clock, 5 * POLL_MS, operation.halted)
      }
      operation.halted.throwIfAborted()
      await notReset()
      for (const exchange of this.#protocol.afterHoming?.(axes) ?? []) await this.#link.instruct(exchange)
    }
    operation.halted.throwIfAborted()
    await notReset()
    await this.#link.trust()
    this.#takenUp = { x: false, y: false, z: false }
    this.#retractFirst = false
    const there = await this.#link.position('unknown')
    this.#rest = there
    return there
  }

  async #tellHoming(exchange: Parameters<ControllerLink['ask']>[0], operation: Operation): Promise<void> {
    const timeoutMs = exchange.timeoutMs ?? this.#settings.homeTimeoutMs
    let believeAgain = () => {}
    for (let telling = 1; ; telling++) {
      try {
        await this.#link.session.tell({ ...exchange, timeoutMs }, () => {
          if (operation.halted.aborted || this.#closed) return false
          operation.motionPossible = true
          if (telling === 1) believeAgain = this.#link.distrust()
          return true
        })
        return
      } catch (error) {
        // Refused means that nothing moves; a garbled command is refused too.
        if (!(error instanceof LineFault) || error.kind !== 'refused') throw error
        if (telling < ATTEMPTS) continue
        believeAgain()
        throw error
      }
    }
  }

  /** Where the move begins. The last place is believed if one reading agrees. */
  async #start(): Promise<PerAxis<number>> {
    this.#assertTrusted()
    if (this.#rest && this.#arrived(await this.#link.counts(), this.#rest)) return this.#rest
    return this.#whereIs()
  }

  async #whereIs(): Promise<PerAxis<number>> {
    for (let recoveries = 0; ; recoveries++) {
      try {
        await this.#link.reach()
        this.#assertTrusted()
        const here = await this.#link.position(this.#operation ? 'in-motion' : (this.#rest ?? 'unknown'))
        if (!this.#operation) this.#noticeHand(here)
        return here
      } catch (error) {
        if (!(error instanceof LineFault) || error.kind !== 'lost' || recoveries >= RECOVERIES) throw error
        this.#retractFirst = true
      }
    }
  }

  #noticeHand(here: PerAxis<number>): void {
    const rest = this.#rest
    this.#rest = here
    if (!rest || this.#arrived(here, rest)) return
    this.#takenUp = { x: false, y: false, z: false }
    this.#notice('moved-by-hand', 'The stage was moved by its joystick or by hand')
  }

  #halt(operation: Operation | null, reason: unknown): Promise<void> {
    operation?.halt(reason)
    this.#rest = null
    this.#takenUp = { x: false, y: false, z: false }
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
        await this.#comeToRest(deadlineMs)
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

  /** Twice at rest: one answer may be an old one. */
  async #comeToRest(deadlineMs = this.#clock.nowMs() + RECOVERY_MS): Promise<void> {
    for (let still = 0; still < 2; ) {
      still = (await this.#link.idle()) ? still + 1 : 0
      if (this.#clock.nowMs() > deadlineMs) throw new LineFault('timeout', 'The stage does not come to rest')
      await sleep(this.#clock, POLL_MS)
    }
  }

  #arrived(here: PerAxis<number>, target: AxisTargets): boolean {
    const { quantumUm } = this.#protocol
    return AXES.every((axis) => Math.abs((target[axis] ?? here[axis]) - here[axis]) <= quantumUm[axis] * 1.01)
  }

  #pieces(here: PerAxis<number>, to: AxisTargets): AxisTargets[] {
    const { pieceMs } = this.#protocol
    return pieceMs === null ? [to] : piecesTo(here, to, pieceMs, this.#speedUmPerMs())
  }

  #speedUmPerMs(): PerAxis<number> {
    const { xyMmPerS, zMmPerS } = this.#link.speed
    return { x: xyMmPerS, y: xyMmPerS, z: zMmPerS }
  }

  #assertOpen(): void {
    if (this.#closed) throw stageError(new LineFault('closed', 'closed'), this.#protocol.title, '', false)
  }

  #assertTrusted(): void {
    if (!this.#link.trusted) throw positionUnknown('Where the stage is is not known', false)
  }

  #checkLimits(target: Partial<StagePosition>): void {
    for (const axis of AXES) {
      const um = target[`${axis}Um`]
      const { minUm, maxUm } = this.limits[axis]
      if (um === undefined || (um >= minUm && um <= maxUm)) continue
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
  }

  /** What went wrong, for people. */
  #explained(error: unknown, motionPossible: boolean): unknown {
    if (!(error instanceof LineFault)) return error
    return stageError(error, this.#protocol.title, this.#link.session.portName, motionPossible)
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
