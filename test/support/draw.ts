/** A small generator with a fixed seed, so that a failing moment can be tried again. */
export interface Draw {
  /** 0 up to 1. */
  next(): number
  between(low: number, high: number): number
  shuffled<T>(items: readonly T[]): T[]
}

export function drawFrom(seed: number): Draw {
  let state = seed >>> 0
  const next = () => {
    // The high bits of a linear congruential generator; its low ones repeat after a few numbers.
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
  return {
    next,
    between: (low, high) => low + (high - low) * next(),
    shuffled(items) {
      const rest = [...items]
      for (let i = rest.length - 1; i > 0; i--) {
        const j = Math.floor(next() * (i + 1))
        ;[rest[i], rest[j]] = [rest[j], rest[i]]
      }
      return rest
    },
  }
}
