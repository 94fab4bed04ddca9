/** One at a time, in the order they came; what is urgent goes first. */
export class Turns {
  #taken = false
  readonly #waiting: (() => void)[] = []

  async take<T>(work: () => Promise<T>, first = false): Promise<T> {
    if (this.#taken) {
      await new Promise<void>((resolve) => {
        if (first) this.#waiting.unshift(resolve)
        else this.#waiting.push(resolve)
      })
    }
    this.#taken = true
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#taken = false
    }
  }
}
