import { type Clock, sleep } from '../../clock.ts'
import { type ByteConnection, type ByteLine, LineUnavailable } from './byte-line.ts'
import type { Exchange } from './exchange.ts'
import { LineFault } from './line-fault.ts'
import { bytesOf, LineFramer } from './line-framer.ts'
import { PendingAnswer } from './pending-answer.ts'
import { Turns } from './turns.ts'

/** What a line is worth that answers no question: nothing, news of a restart, or a sign that something is out of step. */
export type Unasked = 'harmless' | 'restarted' | 'foreign'

export interface SessionOptions {
  readonly clock: Clock
  /** A harmless question whose answer names the controller and cannot be taken for any other answer: gets the session in step. */
  readonly identify: Exchange<string>
  readonly unasked: (line: string) => Unasked
  /** The controller has been reset, or its port was opened in a way that resets it. */
  readonly onRestart: () => void
  /** How long a board takes from the opening of its port until it listens, milliseconds. */
  readonly wakeMs?: number
  readonly replyTimeoutMs?: number
  /** Wait between two characters sent, for controllers that lose them otherwise. */
  readonly characterGapMs?: number
  readonly maxLineBytes?: number
}

/** After a fault an answer, or the reason why there is none, comes within this time; milliseconds. */
export const RECOVERY_MS = 4500
const REPLY_TIMEOUT_MS = 500
/** Nothing heard for this long: the controller has said what it had to say. */
const QUIET_MS = 30
const LONGEST_QUIET_WAIT_MS = 400
/** A controller that refuses a command it would answer only later does so within this time. */
const REFUSAL_MS = 100
const REFUSALS = 3
/** So many times the same name, before it is believed that it is a new one. */
const ALIKE = 3
const FIRST_BACKOFF_MS = 50
const LONGEST_BACKOFF_MS = 800

/**
 * One controller on one line, one exchange at a time. It frames lines, times answers out, gets back in step after lost, garbled,
 * late or doubled bytes, opens the line again after it went away, and lets a halt go ahead of everything else.
 *
 * The way back in step rests on one property of a serial line: what is sent first arrives first. Once the answer to `identify` has
 * come and the line is quiet, no older answer can follow.
 */
export class LineSession {
  readonly #line: ByteLine
  readonly #options: SessionOptions
  readonly #clock: Clock
  #connection: ByteConnection | null = null
  readonly #framer: LineFramer
  #outstanding: PendingAnswer | null = null
  /** Of a command that is answered when its motion is over, with other questions in between. */
  #later: PendingAnswer | null = null
  /** Something came, or failed to come, that leaves open whose answer is next. */
  #outOfStep = true
  #lastByteMs = Number.NEGATIVE_INFINITY
  #heard = 0
  #identity: string | null = null
  #closed = false
  /** Since when nothing has been answered as it should; null: all is well. */
  #troubleMs: number | null = null
  readonly #turns = new Turns()
  #interrupt = new AbortController()

  constructor(line: ByteLine, options: SessionOptions) {
    this.#line = line
    this.#options = options
    this.#clock = options.clock
    this.#framer = new LineFramer(options.maxLineBytes ?? 512, {
      line: (text) => this.#hear(text),
      character: (text) => this.#hearCharacter(text),
      overflow: () => {
        this.#outOfStep = true
      },
    })
  }

  get portName(): string {
    return this.#line.name
  }

  /** What the controller called itself; null: never reached. */
  get identity(): string | null {
    return this.#identity
  }

  get connected(): boolean {
    return this.#connection !== null
  }

  /**
   * Opens the line, again and again until it is there, and makes sure who answers. Until then nothing else is sent.
   * @param deadlineMs on the session's clock.
   * Rejects `LineFault`: missing, taken, forbidden, timeout, garbled, other-device.
   */
  async connect(deadlineMs = this.#clock.nowMs() + RECOVERY_MS): Promise<void> {
    await this.#turns.take(async () => {
      for (let backoffMs = FIRST_BACKOFF_MS; ; backoffMs = Math.min(2 * backoffMs, LONGEST_BACKOFF_MS)) {
        this.#assertOpen()
        try {
          if (!this.#connection) await this.#open()
          await this.#synchronise(deadlineMs)
          return
        } catch (error) {
          const fault = asFault(error)
          const hopeless = fault.kind === 'forbidden' || fault.kind === 'closed' || fault.kind === 'other-device'
          if (hopeless || this.#clock.nowMs() + backoffMs > deadlineMs) {
            await this.#drop()
            throw fault
          }
          await sleep(this.#clock, backoffMs)
        }
      }
    })
  }

  /**
   * A question that moves nothing: asked again, back in step, until it is answered or time is up. Rejects `LineFault`; `lost` at
   * once, for whoever asked has to decide what a new connection is worth.
   */
  async ask<T>(exchange: Exchange<T>, deadlineMs = this.#clock.nowMs() + RECOVERY_MS): Promise<T> {
    for (let refusals = 0; ; ) {
      try {
        return await this.#turns.take(async () => {
          if (this.#outOfStep) await this.#synchronise(deadlineMs)
          return this.#well(await this.#perform(exchange, false))
        })
      } catch (error) {
        const fault = this.#troubled(error)
        if (fault.kind === 'refused' && ++refusals >= REFUSALS) throw fault
        if (!['timeout', 'garbled', 'refused', 'interrupted'].includes(fault.kind)) throw fault
        if (this.#clock.nowMs() >= this.#giveUpMs(deadlineMs)) throw fault
      }
    }
  }

  /** A person asks anew: whatever failed before is tried again for the whole time. */
  takeHeart(): void {
    this.#troubleMs = null
  }

  /**
   * A command, sent at most once. When it rejects with anything but `refused` or `interrupted`, it may have been carried out.
   * @param permitted asked directly before the bytes leave: false rejects `interrupted`, and nothing is sent.
   */
  async tell<T>(exchange: Exchange<T>, permitted: () => boolean): Promise<T> {
    try {
      return await this.#turns.take(async () => {
        if (this.#outOfStep) await this.#synchronise(this.#clock.nowMs() + RECOVERY_MS)
        if (!permitted()) throw new LineFault('interrupted', 'A halt came first')
        return this.#well(await this.#perform(exchange, false))
      })
    } catch (error) {
      throw this.#troubled(error)
    }
  }

  /**
   * A command whose answer comes when its motion is over, while other questions are asked. Sent at most once; rejects as `tell` does, a
   * refusal included.
   * @returns `answer` rejects `LineFault`, also when the session fell out of step in between: then it cannot be told from others.
   */
  async begin<T>(exchange: Exchange<T>, permitted: () => boolean): Promise<{ readonly answer: Promise<T> }> {
    const { begin } = exchange
    if (begin === null) throw new Error(`${exchange.what} has no answer to wait for`)
    try {
      return await this.#turns.take(async () => {
        if (this.#outOfStep) await this.#synchronise(this.#clock.nowMs() + RECOVERY_MS)
        if (!permitted()) throw new LineFault('interrupted', 'A halt came first')
        this.#assertConnected()
        const later = new PendingAnswer(exchange, begin, {
          clock: this.#clock,
          timeoutMs: null,
          lenient: true,
          ended: () => {
            if (this.#later === later) this.#later = null
          },
        })
        this.#later = later
        try {
          await this.#send(exchange.send)
          await Promise.race([later.answer, this.#wait(REFUSAL_MS)])
        } catch (error) {
          later.fail(asFault(error))
          throw error
        }
        return { answer: later.answer as Promise<T> }
      })
    } catch (error) {
      throw this.#troubled(error)
    }
  }

  /** Goes ahead of everything: the exchange under way is broken off, and the bytes leave at once. */
  async urgent<T>(exchange: Exchange<T>): Promise<T> {
    const broken = this.#interrupt
    this.#interrupt = new AbortController()
    broken.abort(new LineFault('interrupted', 'A halt went ahead'))
    this.#breakOff(new LineFault('interrupted', 'A halt went ahead'))
    return this.#turns.take(async () => {
      try {
        return await this.#perform(exchange, true)
      } finally {
        this.#outOfStep = true
      }
    }, true)
  }

  /** Sends without waiting for anything: the last resort on a line that answers nothing. */
  shout(bytes: string): void {
    this.#connection?.write(bytesOf(bytes))
    this.#outOfStep = true
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#interrupt.abort(new LineFault('closed', 'The stage is closed'))
    this.#breakOff(new LineFault('closed', 'The stage is closed'))
    await this.#drop()
  }

  async #open(): Promise<void> {
    const { wakeMs = 0 } = this.#options
    this.#framer.clear()
    this.#outOfStep = true
    // A line may be lost while it is being opened.
    let lost = false
    let mine: ByteConnection | null = null
    const connection = await this.#line.open({
      data: (bytes) => {
        if (lost) return
        this.#lastByteMs = this.#clock.nowMs()
        this.#framer.receive(bytes)
      },
      lost: () => {
        lost = true
        if (mine === null || this.#connection !== mine) return
        this.#connection = null
        this.#breakOff(new LineFault('lost', 'The line to the controller went away'))
      },
    })
    if (lost || this.#closed) {
      await connection.close()
      throw new LineFault(this.#closed ? 'closed' : 'lost', 'The line went away as it was opened')
    }
    mine = connection
    this.#connection = connection
    await this.#wait(wakeMs)
  }

  async #drop(): Promise<void> {
    const connection = this.#connection
    this.#connection = null
    await connection?.close()
  }

  #well<T>(answer: T): T {
    this.#troubleMs = null
    return answer
  }

  #troubled(error: unknown): LineFault {
    const fault = asFault(error)
    if (fault.kind === 'timeout' || fault.kind === 'garbled') this.#troubleMs ??= this.#clock.nowMs()
    return fault
  }

  /** One trouble, one time to recover from it, however many questions it spoils. */
  #giveUpMs(deadlineMs: number): number {
    return this.#troubleMs === null ? deadlineMs : Math.min(deadlineMs, this.#troubleMs + RECOVERY_MS)
  }

  /** Waits for silence, asks who is there, and waits for silence again: what comes after that is the answer to what is sent next. */
  async #synchronise(deadlineMs: number): Promise<void> {
    this.#later?.fail(new LineFault('garbled', 'Whether the motion came to its end cannot be told any more'))
    let last: string | null = null
    let alike = 0
    for (;;) {
      try {
        await this.#quiet()
        const identity = await this.#perform(this.#options.identify, true)
        const heard = this.#heard
        await this.#wait(QUIET_MS)
        if (this.#heard === heard) {
          this.#outOfStep = false
          if (identity === this.#identity) return
          // A name with a garbled letter does not come so often.
          alike = identity === last ? alike + 1 : 1
          last = identity
          if (alike >= ALIKE && this.#identity !== null) {
            throw new LineFault('other-device', `${this.portName} has another controller on it now: ${identity}`)
          }
          if (alike >= ALIKE) {
            this.#identity = identity
            return
          }
        }
      } catch (error) {
        const fault = this.#troubled(error)
        const over = this.#clock.nowMs() >= this.#giveUpMs(deadlineMs)
        if (over || !['timeout', 'garbled', 'refused'].includes(fault.kind)) throw fault
      }
      if (this.#clock.nowMs() >= this.#giveUpMs(deadlineMs))
        throw new LineFault('garbled', 'The answers do not fit the questions')
    }
  }

  async #quiet(): Promise<void> {
    const latestMs = this.#clock.nowMs() + LONGEST_QUIET_WAIT_MS
    for (;;) {
      const nowMs = this.#clock.nowMs()
      const leftMs = this.#lastByteMs + QUIET_MS - nowMs
      if (leftMs <= 0 || nowMs >= latestMs) break
      await this.#wait(leftMs)
    }
    this.#framer.clear()
  }

  #wait(ms: number): Promise<void> {
    return ms > 0 ? sleep(this.#clock, ms, this.#interrupt.signal) : Promise.resolve()
  }

  async #perform<T>(exchange: Exchange<T>, lenient: boolean): Promise<T> {
    this.#assertConnected()
    const { begin, timeoutMs = this.#options.replyTimeoutMs ?? REPLY_TIMEOUT_MS } = exchange
    if (begin === null) {
      await this.#send(exchange.send)
      return undefined as T
    }
    const mine = new PendingAnswer(exchange, begin, {
      clock: this.#clock,
      timeoutMs,
      lenient,
      ended: (failed) => {
        if (failed) this.#outOfStep = true
        if (this.#outstanding === mine) this.#outstanding = null
      },
    })
    this.#outstanding = mine
    try {
      await this.#send(exchange.send)
    } catch (error) {
      mine.fail(asFault(error))
    }
    return mine.answer as Promise<T>
  }

  async #send(text: string): Promise<void> {
    const { characterGapMs = 0 } = this.#options
    const bytes = bytesOf(text)
    if (characterGapMs === 0) return this.#connection?.write(bytes)
    for (const byte of bytes) {
      this.#connection?.write(Uint8Array.of(byte))
      await this.#wait(characterGapMs)
    }
  }

  /** true: it was an answer by itself. */
  #hearCharacter(character: string): boolean {
    const current = this.#outstanding
    if (!current?.unterminated) return false
    // The first of a line that is awaited as well.
    if (this.#later && current.take(character).kind === 'foreign') return false
    this.#hear(character)
    return true
  }

  #hear(line: string): void {
    const current = this.#outstanding
    const reading = current?.take(line)
    if (current && reading?.kind === 'done') {
      current.done(reading.value)
      return
    }
    if (current && reading?.kind === 'more') {
      current.progress()
      return
    }
    // A refusal may be that of something older, where foreign answers are passed over too.
    if (current && reading?.kind === 'refused' && !current.lenient) {
      current.fail(new LineFault('refused', reading.words))
      return
    }
    const later = this.#later?.take(line)
    if (later?.kind === 'done') {
      this.#later?.done(later.value)
      return
    }
    if (later?.kind === 'refused') {
      this.#later?.fail(new LineFault('refused', later.words))
      return
    }
    const worth = reading?.kind === 'refused' ? 'foreign' : this.#options.unasked(line)
    if (worth === 'harmless') return
    this.#heard++
    if (worth === 'restarted') {
      this.#options.onRestart()
      this.#later?.fail(new LineFault('restarted', 'The controller has been reset'))
      if (!current?.lenient) current?.fail(new LineFault('restarted', 'The controller has been reset'))
      this.#outOfStep = true
      return
    }
    this.#outOfStep = true
    if (current && !current.lenient)
      current.fail(new LineFault('garbled', `An answer that fits no question: ${shown(line)}`))
  }

  #breakOff(fault: LineFault): void {
    this.#outstanding?.fail(fault)
    this.#later?.fail(fault)
  }

  #assertOpen(): void {
    if (this.#closed) throw new LineFault('closed', 'The stage is closed')
  }

  #assertConnected(): void {
    this.#assertOpen()
    if (!this.#connection) throw new LineFault('lost', 'There is no line to the controller')
  }
}

function shown(line: string): string {
  return JSON.stringify(line.length > 60 ? `${line.slice(0, 60)}...` : line)
}

function asFault(error: unknown): LineFault {
  if (error instanceof LineFault) return error
  if (error instanceof LineUnavailable) {
    return new LineFault(error.kind === 'failed' ? 'missing' : error.kind, error.message, { cause: error })
  }
  throw error
}
