import type { MedullaError } from '../../shared/errors.ts'

interface Waiting {
  readonly promise: Promise<void>
  readonly release: () => void
}

/** Whether a run stands still: because a person said so, because something is in the way that may go by itself, or both. */
export class Standstill {
  readonly #onChange: (still: boolean) => void
  #byHand = false
  #obstacle: MedullaError | null = null
  #ended = false
  /** Who waits for the run to go on. */
  #still: Waiting | null = null

  /** @param onChange also when only the reason changes. */
  constructor(onChange: (still: boolean) => void) {
    this.#onChange = onChange
  }

  get isStill(): boolean {
    return this.#still !== null
  }

  /** What is in the way; null: nothing is. */
  get obstacle(): MedullaError | null {
    return this.#obstacle
  }

  pause(): void {
    this.#set({ byHand: true })
  }

  /** By hand: what was in the way may be tried again. */
  goOn(): void {
    this.#set({ byHand: false, obstacle: null })
  }

  /** @param obstacle null: it has gone. */
  hinder(obstacle: MedullaError | null): void {
    this.#set({ obstacle })
  }

  /** The run is over: nothing waits any more. */
  end(): void {
    this.#ended = true
    this.#set({ byHand: false, obstacle: null })
  }

  /** Resolves once the run does not stand still. */
  async over(): Promise<void> {
    while (this.#still) await this.#still.promise
  }

  #set({ byHand = this.#byHand, obstacle = this.#obstacle }: { byHand?: boolean; obstacle?: MedullaError | null }) {
    const next = this.#ended ? { byHand: false, obstacle: null } : { byHand, obstacle }
    if (next.byHand === this.#byHand && next.obstacle?.message === this.#obstacle?.message) return
    this.#byHand = next.byHand
    this.#obstacle = next.obstacle
    const still = next.byHand || next.obstacle !== null
    if (still) this.#still ??= waiting()
    else {
      this.#still?.release()
      this.#still = null
    }
    this.#onChange(still)
  }
}

function waiting(): Waiting {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { promise, release: resolve }
}
