import type { Clock } from '../../clock.ts'
import type { Exchange, Reading } from './exchange.ts'
import { LineFault } from './line-fault.ts'

/** A timer so much too late tells of a busy process; its answers get this much longer. */
const LATE_MS = 25
const GRACE_MS = 200

export interface PendingOptions {
  readonly clock: Clock
  /** null: it is waited for as long as it takes. */
  readonly timeoutMs: number | null
  /** Lines that cannot be the answer are passed over instead of breaking the exchange off. */
  readonly lenient: boolean
  /** However it ends. */
  readonly ended: (failed: boolean) => void
}

/** An answer that is awaited: it takes lines until it is whole, refused, too late or broken off. */
export class PendingAnswer {
  readonly unterminated: boolean
  readonly lenient: boolean
  readonly take: (line: string) => Reading<unknown>
  /** Rejects `LineFault`. A rejection nobody awaits is not reported. */
  readonly answer: Promise<unknown>
  readonly #what: string
  readonly #options: PendingOptions
  readonly #resolve: (value: unknown) => void
  readonly #reject: (fault: LineFault) => void
  #dueMs = 0
  #cancel: () => void = () => {}
  #over = false

  /** @param begin of the exchange, which has an answer. */
  constructor(exchange: Exchange<unknown>, begin: NonNullable<Exchange<unknown>['begin']>, options: PendingOptions) {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    this.unterminated = exchange.unterminated ?? false
    this.lenient = options.lenient
    this.take = begin()
    this.answer = promise
    this.#what = exchange.what
    this.#options = options
    this.#resolve = resolve
    this.#reject = reject
    // It may come, or the line go, while a slow line still sends.
    promise.catch(() => undefined)
    this.progress()
  }

  /** A part of it has come: the time begins anew. */
  progress(): void {
    const { clock, timeoutMs } = this.#options
    this.#cancel()
    if (timeoutMs === null) return
    this.#dueMs = clock.nowMs() + timeoutMs
    this.#cancel = clock.after(timeoutMs, () => this.#timedOut())
  }

  done(value: unknown): void {
    if (this.#end(false)) this.#resolve(value)
  }

  fail(fault: LineFault): void {
    if (this.#end(true)) this.#reject(fault)
  }

  #timedOut(): void {
    const { clock } = this.#options
    const nowMs = clock.nowMs()
    // The clock itself was late: this process was busy elsewhere, and what came meanwhile has not been read yet.
    if (nowMs > this.#dueMs + LATE_MS) {
      this.#dueMs = nowMs + GRACE_MS
      this.#cancel = clock.after(GRACE_MS, () => this.#timedOut())
      return
    }
    this.fail(new LineFault('timeout', `No answer when asked for ${this.#what}`))
  }

  #end(failed: boolean): boolean {
    if (this.#over) return false
    this.#over = true
    this.#cancel()
    this.#options.ended(failed)
    return true
  }
}
