import gammaOf from '@stdlib/random-base-gamma'

/** Random numbers that come out the same for the same seed, on every machine. */
export interface Draw {
  /** [0, 1). */
  uniform(): number
  /** Beta(a, b); a and b above 0. */
  beta(a: number, b: number): number
  /** Fills `out` with one draw of Dirichlet(`shapes`), shapes above 0: shares that sum to 1. */
  dirichlet(shapes: Float64Array, out: Float64Array): void
  /** A place in `weights`, each as likely as its weight says; `total` is their sum, above 0. */
  place(weights: Float64Array, total: number): number
}

/** @param seed a whole number above 0 (32 bit). */
export function seededDraw(seed: number): Draw {
  const gamma = gammaOf.factory({ seed })
  /** The generator (MT19937) that the gamma draws come from too; it gives whole numbers of 32 bit. */
  const generator = gamma.PRNG
  const uniform = () => generator() / 2 ** 32
  return {
    uniform,
    beta(a, b) {
      const share = gamma(a, 1)
      const rest = gamma(b, 1)
      // Two tiny shapes may both underflow: then all of it lies with one side, as often as its shape says.
      if (share + rest === 0) return uniform() < a / (a + b) ? 1 : 0
      return share / (share + rest)
    },
    dirichlet(shapes, out) {
      let sum = 0
      for (let i = 0; i < shapes.length; i++) {
        out[i] = gamma(shapes[i], 1)
        sum += out[i]
      }
      if (sum === 0) out.fill(1 / out.length)
      else for (let i = 0; i < out.length; i++) out[i] /= sum
    },
    place(weights, total) {
      let left = uniform() * total
      const last = weights.length - 1
      for (let i = 0; i < last; i++) {
        left -= weights[i]
        if (left < 0) return i
      }
      return last
    },
  }
}
