import { type BenchMessage, type Problem, STOP_MESSAGE } from './bench-message.ts'

/** A started bench process, whichever way it was started. */
export interface BenchProcess {
  readonly pid: number | undefined
  send(message: typeof STOP_MESSAGE): void
  kill(): void
  onMessage(listener: (message: BenchMessage) => void): void
  onExit(listener: () => void): void
}

export type BenchState =
  | { readonly kind: 'starting' }
  | { readonly kind: 'ready'; readonly socket: string }
  | { readonly kind: 'failed'; readonly problem: Problem }
  | { readonly kind: 'stopped' }

export interface SupervisorOptions {
  /** Starts a process that will listen on the socket. */
  readonly start: (socket: string) => BenchProcess
  /** A path no earlier process used. */
  readonly newSocket: () => string
  readonly onState?: (state: BenchState) => void
  /** Waits before the 1st, 2nd, ... restart in a row; when they are used up the bench counts as failed. */
  readonly backoffMs?: readonly number[]
  /** A bench that ran this long was sound: the next crash starts the row again. */
  readonly soundAfterMs?: number
  /** How long a bench may take to close before it is killed. */
  readonly stopTimeoutMs?: number
}

/** Keeps one bench process running: starts it again when it ends unasked, and tells where it listens. */
export class BenchSupervisor {
  readonly #options: Required<SupervisorOptions>
  #state: BenchState = { kind: 'stopped' }
  #process: BenchProcess | null = null
  #crashes = 0
  #timer: NodeJS.Timeout | null = null
  readonly #waiting = new Set<(state: BenchState) => void>()

  constructor(options: SupervisorOptions) {
    this.#options = {
      onState: () => {},
      backoffMs: [250, 500, 1000, 2000, 4000],
      soundAfterMs: 60_000,
      stopTimeoutMs: 10_000,
      ...options,
    }
  }

  get state(): BenchState {
    return this.#state
  }

  /** Of the running bench; undefined: none runs. */
  get pid(): number | undefined {
    return this.#process?.pid
  }

  /** Starts the bench, also after it failed or was stopped. */
  start(): void {
    if (this.#process) return
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
    const socket = this.#options.newSocket()
    const startedMs = performance.now()
    let problem: Problem | null = null
    this.#enter({ kind: 'starting' })
    const child = this.#options.start(socket)
    this.#process = child
    child.onMessage((message) => {
      if (this.#process !== child) return
      if (message.kind === 'ready') this.#enter({ kind: 'ready', socket })
      else problem = message.problem
    })
    child.onExit(() => {
      if (this.#process !== child) return
      this.#process = null
      if (performance.now() - startedMs > this.#options.soundAfterMs) this.#crashes = 0
      // A bench that says why it cannot open will say the same again: that is for a person.
      if (problem) this.#enter({ kind: 'failed', problem })
      else this.#restart()
    })
  }

  #restart(): void {
    const wait = this.#options.backoffMs[this.#crashes++]
    if (wait === undefined) {
      this.#crashes = 0
      this.#enter({
        kind: 'failed',
        problem: {
          code: 'internal',
          message: `The bench ended ${this.#options.backoffMs.length + 1} times in a row without saying why.`,
          remedy: 'Try again; if it stays so, run `npm run -s medulla -- doctor`. Everything counted so far is saved.',
        },
      })
      return
    }
    this.#enter({ kind: 'starting' })
    this.#timer = setTimeout(() => this.start(), wait)
  }

  /** Resolves with the socket once the bench listens; null: it has failed or was stopped, or does not within the time. */
  ready(timeoutMs: number): Promise<string | null> {
    const socketOf = (state: BenchState) => (state.kind === 'ready' ? state.socket : null)
    if (this.#state.kind !== 'starting') return Promise.resolve(socketOf(this.#state))
    return new Promise((resolve) => {
      const settle = (state: BenchState) => {
        if (state.kind === 'starting') return
        clearTimeout(timer)
        this.#waiting.delete(settle)
        resolve(socketOf(state))
      }
      const timer = setTimeout(() => {
        this.#waiting.delete(settle)
        resolve(null)
      }, timeoutMs)
      this.#waiting.add(settle)
    })
  }

  /** Closes the bench; kills it if it does not close in time. */
  async stop(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
    const child = this.#process
    this.#process = null
    this.#enter({ kind: 'stopped' })
    if (!child) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => child.kill(), this.#options.stopTimeoutMs)
      child.onExit(() => {
        clearTimeout(timer)
        resolve()
      })
      child.send(STOP_MESSAGE)
    })
  }

  #enter(state: BenchState): void {
    this.#state = state
    for (const settle of [...this.#waiting]) settle(state)
    this.#options.onState(state)
  }
}
