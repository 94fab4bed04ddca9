import { type Clock, sleep } from '../../clock.ts'
import { type ByteConnection, type ByteLine, LineUnavailable } from './byte-line.ts'
import type { Exchange, Reading } from './exchange.ts'
import { LineFault } from './line-fault.ts'

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
/** A timer so much too late tells of a busy process; its answers get this much longer. */
const LATE_MS = 25
const GRACE_MS = 200
const REFUSALS = 3
/** So many times the same name, before it is believed that it is a new one. */
const ALIKE = 3
const FIRST_BACKOFF_MS = 50
const LONGEST_BACKOFF_MS = 800

interface Outstanding {
  readonly unterminated: boolean
  /** Lines that cannot be the answer are passed over instead of breaking the exchange off. */
  readonly lenient: boolean
  take(line: string): Reading<unknown>
  progress(): void
  done(value: unknown): void
  fail(fault: LineFault): void
}

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
  #buffer = ''
  #outstanding: Outstanding | null = null
  /** Something came, or failed to come, that leaves open whose answer is next. */
  #outOfStep = true
  #lastByteMs = Number.NEGATIVE_INFINITY
  #heard = 0
  #identity: string | null = null
  #closed = false
  /** Since when nothing has been answered as it should; null: all is well. */
  #troubleMs: number | null = null
  #busy = false
  readonly #waiting: (() => void)[] = []
  #interrupt = new AbortController()

  constructor(line: ByteLine, options: SessionOptions) {
    this.#line = line
    this.#options = options
    this.#clock = options.clock
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
    await this.#exclusively(async () => {
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
        return await this.#exclusively(async () => {
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
      return await this.#exclusively(async () => {
        if (this.#outOfStep) await this.#synchronise(this.#clock.nowMs() + RECOVERY_MS)
        if (!permitted()) throw new LineFault('interrupted', 'A halt came first')
        return this.#well(await this.#perform(exchange, false))
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
    this.#outstanding?.fail(new LineFault('interrupted', 'A halt went ahead'))
    return this.#exclusively(async () => {
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
    this.#outstanding?.fail(new LineFault('closed', 'The stage is closed'))
    await this.#drop()
  }

  async #open(): Promise<void> {
    const { wakeMs = 0 } = this.#options
    this.#buffer = ''
    this.#outOfStep = true
    // A line may be lost while it is being opened.
    let lost = false
    let mine: ByteConnection | null = null
    const connection = await this.#line.open({
      data: (bytes) => {
        if (!lost) this.#receive(bytes)
      },
      lost: () => {
        lost = true
        if (mine === null || this.#connection !== mine) return
        this.#connection = null
        this.#outstanding?.fail(new LineFault('lost', 'The line to the controller went away'))
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
    this.#buffer = ''
  }

  #wait(ms: number): Promise<void> {
    return ms > 0 ? sleep(this.#clock, ms, this.#interrupt.signal) : Promise.resolve()
  }

  async #perform<T>(exchange: Exchange<T>, lenient: boolean): Promise<T> {
    this.#assertOpen()
    if (!this.#connection) throw new LineFault('lost', 'There is no line to the controller')
    const { begin, unterminated = false, timeoutMs = this.#options.replyTimeoutMs ?? REPLY_TIMEOUT_MS } = exchange
    if (begin === null) {
      await this.#send(exchange.send)
      return undefined as T
    }
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const read = begin()
    let dueMs = this.#clock.nowMs() + timeoutMs
    const timedOut = () => {
      const nowMs = this.#clock.nowMs()
      // The clock itself was late: this process was busy elsewhere, and what came meanwhile has not been read yet.
      if (nowMs > dueMs + LATE_MS) {
        dueMs = nowMs + GRACE_MS
        cancel = this.#clock.after(GRACE_MS, timedOut)
        return
      }
      this.#outOfStep = true
      settle(() => reject(new LineFault('timeout', `No answer when asked for ${exchange.what}`)))
    }
    let cancel = this.#clock.after(timeoutMs, timedOut)
    const settle = (end: () => void) => {
      cancel()
      if (this.#outstanding === mine) this.#outstanding = null
      end()
    }
    const mine: Outstanding = {
      unterminated,
      lenient,
      take: read,
      progress: () => {
        cancel()
        dueMs = this.#clock.nowMs() + timeoutMs
        cancel = this.#clock.after(timeoutMs, timedOut)
      },
      done: (value) => settle(() => resolve(value as T)),
      fail: (fault) => {
        this.#outOfStep = true
        settle(() => reject(fault))
      },
    }
    this.#outstanding = mine
    // The answer may come, or the line go, while a slow line still sends.
    promise.catch(() => undefined)
    try {
      await this.#send(exchange.send)
    } catch (error) {
      mine.fail(asFault(error))
    }
    return promise
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

  #receive(bytes: Uint8Array): void {
    this.#lastByteMs = this.#clock.nowMs()
    for (const byte of bytes) {
      const character = String.fromCharCode(byte)
      const end = character === '\r' || character === '\n'
      if (this.#outstanding?.unterminated && this.#buffer === '') {
        if (!end) this.#hear(character)
        continue
      }
      if (!end) {
        this.#buffer += character
        if (this.#buffer.length > (this.#options.maxLineBytes ?? 512)) {
          this.#buffer = ''
          this.#outOfStep = true
        }
        continue
      }
      const line = this.#buffer.trim()
      this.#buffer = ''
      if (line !== '') this.#hear(line)
    }
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
    const worth = reading?.kind === 'refused' ? 'foreign' : this.#options.unasked(line)
    if (worth === 'harmless') return
    this.#heard++
    if (worth === 'restarted') {
      this.#options.onRestart()
      if (!current?.lenient) current?.fail(new LineFault('restarted', 'The controller has been reset'))
      this.#outOfStep = true
      return
    }
    this.#outOfStep = true
    if (current && !current.lenient)
      current.fail(new LineFault('garbled', `An answer that fits no question: ${shown(line)}`))
  }

  #assertOpen(): void {
    if (this.#closed) throw new LineFault('closed', 'The stage is closed')
  }

  async #exclusively<T>(work: () => Promise<T>, first = false): Promise<T> {
    if (this.#busy) {
      await new Promise<void>((resolve) => {
        if (first) this.#waiting.unshift(resolve)
        else this.#waiting.push(resolve)
      })
    }
    this.#busy = true
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#busy = false
    }
  }
}

export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
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
