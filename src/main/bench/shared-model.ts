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
  #users = 0
  #retired = false
  #closing: Promise<void> | null = null

  constructor(open: Promise<OpenModel>) {
    this.#open = open
    // Whoever borrows it meets the failure.
    open.catch(() => undefined)
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

  /** Resolves once it is closed. */
  async retire(): Promise<void> {
    this.#retired = true
    this.#closeIfDone()
    await this.#closing
  }

  #closeIfDone(): void {
    if (this.#users > 0 || !this.#retired) return
    this.#closing ??= this.#open.then(({ classifier }) => classifier.close()).catch(() => undefined)
  }
}
