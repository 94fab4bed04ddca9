import type { StageSettings } from '../../../shared/contract/rig.ts'
import type { Clock } from '../clock.ts'
import type { ByteLine } from './line/byte-line.ts'
import type { Exchange } from './line/exchange.ts'
import { LineFault } from './line/line-fault.ts'
import { LineSession, RECOVERY_MS } from './line/line-session.ts'
import { AXES, type Axis, type AxisTargets, type PerAxis, type StageProtocol, type StageSpeed } from './protocol.ts'
import { positionUnknown } from './stage-errors.ts'

export interface LinkNews {
  reset(message: string): void
  disconnected(): void
  reconnected(): void
}

/** Settings are safe to tell again; so often, before giving up. */
const TELLINGS = 3

/**
 * A controller that is reached, set up, and watched for resets nobody announced. Everything is micrometres on the stage's axes:
 * which way the controller counts is known here alone.
 * Rejects `LineFault`.
 */
export class ControllerLink {
  readonly session: LineSession
  readonly #protocol: StageProtocol
  readonly #clock: Clock
  readonly #speed: StageSpeed
  readonly #direction: StageSettings['direction']
  readonly #news: LinkNews
  #setUp = false
  #wasSetUp = false
  /** Counts resets and set-ups: whatever was true of another one is not true now. */
  #life = 0
  #witnessed: string | null = null
  /** Where the controller's count is the stage's place. */
  #trusted = true
  #reaching: Promise<void> | null = null
  #last: PerAxis<number> | null = null

  constructor(line: ByteLine, protocol: StageProtocol, clock: Clock, settings: StageSettings, news: LinkNews) {
    this.#protocol = protocol
    this.#clock = clock
    const wanted = { xyMmPerS: settings.speedXyMmPerS, zMmPerS: settings.speedZMmPerS }
    this.#speed = protocol.attainable?.(wanted) ?? wanted
    this.#direction = settings.direction
    this.#news = news
    const { restartsOnOpenMs, characterGapMs, maxLineBytes } = protocol.serial
    this.session = new LineSession(line, {
      clock,
      // Asked for anew each time: some number their questions.
      get identify() {
        return protocol.identify
      },
      unasked: (text) => protocol.unasked(text),
      onRestart: () => this.lose('The stage controller has been reset'),
      wakeMs: restartsOnOpenMs,
      characterGapMs,
      maxLineBytes,
    })
  }

  get speed(): StageSpeed {
    return this.#speed
  }

  /** Another number after each reset. */
  get life(): number {
    return this.#life
  }

  get trusted(): boolean {
    return this.#trusted
  }

  get ready(): boolean {
    return this.session.connected && this.#setUp
  }

  /** The count is not the stage's place any more. Nothing is believed until the controller has been set up again. */
  lose(message: string): void {
    this.#life++
    this.#setUp = false
    this.#last = null
    if (!this.#wasSetUp) return
    if (this.#trusted) this.#news.reset(message)
    this.#trusted = false
  }

  /** @returns rejects if the controller has been reset since now. */
  sinceNow(): () => Promise<void> {
    const life = this.#life
    return async () => {
      const deadlineMs = this.#clock.nowMs() + RECOVERY_MS
      // Where the controller itself tells whether it has a reference, that is asked once it has been homed.
      const intact = this.#protocol.referenced !== undefined || (await this.#witnessIntact(deadlineMs))
      if (!intact) this.lose('The stage controller has been reset')
      if (life !== this.#life) throw new LineFault('restarted', 'The controller has been reset')
    }
  }

  /** From the moment an axis may run to its reference. @returns takes it back, for when the controller would not. */
  distrust(): () => void {
    const before = this.#trusted
    const life = this.#life
    this.#trusted = false
    this.#last = null
    return () => {
      if (life === this.#life) this.#trusted = before
    }
  }

  /** After homing: the count is the stage's place again, if the controller says so too. Rejects `position-unknown` where it does not. */
  async trust(): Promise<void> {
    const deadlineMs = this.#clock.nowMs() + RECOVERY_MS
    const life = this.#life
    if (!(await this.#isReferenced(deadlineMs))) throw positionUnknown('Homing ended without a reference', true)
    await this.#giveWitness(deadlineMs)
    if (life !== this.#life) throw new LineFault('restarted', 'The controller was reset while it was homed')
    this.#trusted = true
    this.#last = null
  }

  /** Makes sure of the line, of who answers, and of what it was told. */
  reach(deadlineMs = this.#clock.nowMs() + RECOVERY_MS): Promise<void> {
    if (this.ready) return Promise.resolve()
    this.#reaching ??= this.#reach(deadlineMs).finally(() => {
      this.#reaching = null
    })
    return this.#reaching
  }

  /** Looks for it, and sets the controller up again if it was. */
  async wasReset(): Promise<boolean> {
    const trusted = this.#trusted
    this.#setUp = false
    await this.reach()
    return trusted && !this.#trusted
  }

  ask<T>(exchange: Exchange<T>, deadlineMs?: number): Promise<T> {
    return this.session.ask(exchange, deadlineMs)
  }

  /** Every answer to every question says that nothing moves. */
  async idle(): Promise<boolean> {
    for (const exchange of this.#protocol.busy()) if (await this.ask(exchange)) return false
    return true
  }

  /** One reading: enough where it is compared with what it should be. */
  async counts(deadlineMs?: number): Promise<PerAxis<number>> {
    const counts: AxisTargets[] = []
    for (const exchange of this.#protocol.position()) counts.push(await this.ask(exchange, deadlineMs))
    const { x, y, z } = Object.assign({}, ...counts) as AxisTargets
    if (x === undefined || y === undefined || z === undefined) throw new LineFault('garbled', 'An axis is missing')
    // Adding zero turns minus zero into zero.
    const { x: alongX, y: alongY, z: alongZ } = this.#direction
    return { x: x * alongX + 0, y: y * alongY + 0, z: z * alongZ + 0 }
  }

  /** What to send for a move, each once. */
  move(to: AxisTargets, from: PerAxis<number>): readonly Exchange<unknown>[] {
    const turned = (targets: AxisTargets): AxisTargets =>
      Object.fromEntries(
        AXES.flatMap((axis) => {
          const um = targets[axis]
          return um === undefined ? [] : [[axis, um * this.#direction[axis] + 0]]
        }),
      )
    return this.#protocol.move(turned(to), turned(from) as PerAxis<number>)
  }

  /**
   * Read back until readings agree, and then the witness of a reset: a garbled, stale or half-lost answer does not come again
   * alike. Two readings do where they say what is expected, four where they do not.
   * @param expected where the stage was left or sent. In motion readings differ, but all go one way: the last but one is told, which lies
   * between its neighbours.
   */
  async position(expected: PerAxis<number> | 'unknown' | 'in-motion'): Promise<PerAxis<number>> {
    const deadlineMs = this.#clock.nowMs() + RECOVERY_MS
    const life = this.#life
    const readings: PerAxis<number>[] = []
    for (let round = 0; ; round++) {
      const at = await this.counts(deadlineMs)
      readings.push(at)
      if (life !== this.#life) throw new LineFault('restarted', 'The controller has been reset')
      const asExpected =
        typeof expected === 'object' && AXES.every((axis) => this.#same(at[axis], expected[axis], axis))
      const last = readings.slice(asExpected ? -2 : -4)
      const alike = AXES.every((axis) => last.every((other) => this.#same(at[axis], other[axis], axis)))
      // Moved by hand it is in motion without having been sent anywhere.
      const oneWay = this.#goesOneWay(last) && (expected === 'in-motion' || (round > 7 && !(await this.idle())))
      if (last.length >= (asExpected ? 2 : 4) && (alike || oneWay)) {
        // Asked last: a reset between the readings shows as well.
        if (!(await this.#witnessIntact(deadlineMs))) {
          this.lose('The stage controller has been reset')
          throw new LineFault('restarted', 'The controller has forgotten what it was told')
        }
        if (life !== this.#life) throw new LineFault('restarted', 'The controller has been reset')
        const told = alike ? at : last[last.length - 2]
        this.#refuseSuddenZero(told, expected)
        this.#last = told
        return told
      }
      if (this.#clock.nowMs() >= deadlineMs) throw new LineFault('garbled', 'The position reads differently each time')
    }
  }

  #same(a: number, b: number, axis: Axis): boolean {
    return Math.abs(a - b) <= this.#protocol.quantumUm[axis] * 1.01
  }

  #goesOneWay(readings: readonly PerAxis<number>[]): boolean {
    return AXES.every((axis) => {
      const steps = readings.slice(1).map((at, i) => at[axis] - readings[i][axis])
      const slack = this.#protocol.quantumUm[axis] * 1.01
      return steps.every((step) => step <= slack) || steps.every((step) => step >= -slack)
    })
  }

  /** Tells what does no harm when told twice. */
  async instruct(exchange: Exchange<unknown>): Promise<void> {
    for (let telling = 1; ; telling++) {
      try {
        await this.session.tell(exchange, () => true)
        return
      } catch (error) {
        if (!(error instanceof LineFault) || telling >= TELLINGS) throw error
        if (!['timeout', 'garbled', 'refused', 'interrupted'].includes(error.kind)) throw error
      }
    }
  }

  close(): Promise<void> {
    return this.session.close()
  }

  async #reach(deadlineMs: number): Promise<void> {
    const gone = this.#wasSetUp && !this.session.connected
    if (gone) this.#news.disconnected()
    for (;;) {
      const opened = !this.session.connected
      try {
        await this.session.connect(deadlineMs)
        await this.#prepare(opened, deadlineMs)
        break
      } catch (error) {
        // The line may go again, and a board may be resetting, while it is being set up.
        const again = error instanceof LineFault && (error.kind === 'lost' || error.kind === 'restarted')
        if (!again || this.#clock.nowMs() >= deadlineMs) throw error
      }
    }
    if (gone) this.#news.reconnected()
  }

  async #prepare(opened: boolean, deadlineMs: number): Promise<void> {
    const { witness, serial } = this.#protocol
    if (this.#wasSetUp && witness && !(await this.#witnessIntact(deadlineMs)))
      this.lose('The stage controller has been reset')
    if (this.#wasSetUp && !witness && opened && serial.restartsOnOpenMs > 0) {
      this.lose('The stage controller restarts when its port is opened')
    }
    const life = this.#life
    await this.#protocol.setUp((exchange) => this.ask(exchange, deadlineMs))
    for (const exchange of this.#protocol.speed(this.#speed)) await this.instruct(exchange)
    if (await this.#isReferenced(deadlineMs)) await this.#giveWitness(deadlineMs)
    else this.#trusted = false
    if (life !== this.#life) throw new LineFault('restarted', 'The controller was reset while it was set up')
    this.#setUp = true
    this.#wasSetUp = true
  }

  async #isReferenced(deadlineMs: number): Promise<boolean> {
    for (const exchange of this.#protocol.referenced?.() ?? [])
      if (!(await this.ask(exchange, deadlineMs))) return false
    return true
  }

  async #giveWitness(deadlineMs: number): Promise<void> {
    const { witness } = this.#protocol
    if (!witness) return
    for (const exchange of witness.tell) await this.instruct(exchange)
    this.#witnessed = await this.#agreed(witness.read, deadlineMs)
  }

  async #witnessIntact(deadlineMs: number): Promise<boolean> {
    const { witness } = this.#protocol
    if (!witness || this.#witnessed === null) return true
    try {
      if ((await this.ask(witness.read, deadlineMs)) === this.#witnessed) return true
      // A garbled answer is no reset.
      return (await this.#agreed(witness.read, deadlineMs)) === this.#witnessed
    } catch (error) {
      // Whoever answered this before and will not now is not what it was.
      if (error instanceof LineFault && error.kind === 'refused') return false
      throw error
    }
  }

  async #agreed(exchange: Exchange<string>, deadlineMs: number): Promise<string> {
    for (let last: string | null = null; ; ) {
      const value = await this.ask(exchange, deadlineMs)
      if (value === last) return value
      if (this.#clock.nowMs() >= deadlineMs) throw new LineFault('garbled', 'A setting reads differently each time')
      last = value
    }
  }

  /**
   * Counters begin at zero after a reset. A stage that was elsewhere and stands at zero on every axis, where nobody sent it, has most
   * likely been reset: also where a witness says otherwise, which some firmware may keep.
   */
  #refuseSuddenZero(now: PerAxis<number>, expected: PerAxis<number> | 'unknown' | 'in-motion'): void {
    if (!this.#last) return
    const last = this.#last
    const quantum = this.#protocol.quantumUm
    const far = AXES.some((axis) => Math.abs(last[axis]) > 10 * quantum[axis])
    if (!far || AXES.some((axis) => now[axis] !== 0)) return
    if (typeof expected === 'object' && AXES.every((axis) => this.#same(0, expected[axis], axis))) return
    this.lose('The stage controller counts from zero again')
    throw new LineFault('restarted', 'The controller counts from zero again')
  }
}
