/** A move or homing under way. */
export class Operation {
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
