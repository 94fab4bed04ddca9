import type { Classifier } from '../inference/classifier.ts'
import type { PassedOver } from '../inference/providers.ts'

export interface OpenModel {
  readonly classifier: Classifier
  /** Execution providers that would have been preferred, and why they were not taken. */
  readonly passedOver: readonly PassedOver[]
}

/** A model in use somewhere: to be given back, once. */
export interface BorrowedModel extends OpenModel {
  giveBack(): void
}

/** A model that several use at once. It is closed when it is retired and nobody uses it any more. */
export class SharedModel {
  readonly #open: Promise<OpenModel>
  readonly #closed: (model: SharedModel) => void
  #users = 0
  #retired = false
  #closing: Promise<void> | null = null

  /** @param closed once it is closed, or could not be opened. */
  constructor(open: Promise<OpenModel>, closed: (model: SharedModel) => void) {
    this.#open = open
    this.#closed = closed
    // Whoever borrows it meets the failure.
    open.catch(() => closed(this))
  }

  async borrow(): Promise<BorrowedModel> {
    this.#users++
    let given = false
    const giveBack = () => {
      if (given) return
      given = true
      this.#users--
      this.#closeIfDone()
    }
    try {
      return { ...(await this.#open), giveBack }
    } catch (error) {
      giveBack()
      throw error
    }
  }

  /** Resolves once it is closed; at once where somebody still uses it, who closes it by giving it back. */
  async retire(): Promise<void> {
    this.#retired = true
    this.#closeIfDone()
    await this.#closing
  }

  #closeIfDone(): void {
    if (this.#users > 0 || !this.#retired) return
    this.#closing ??= this.#open
      .then(({ classifier }) => classifier.close())
      .catch(() => undefined)
      .then(() => this.#closed(this))
  }
}
