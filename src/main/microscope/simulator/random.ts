/**
 * Seeded randomness. Everything on the simulated slide is drawn from `hash(seed, where, what)`, so any part of it
 * can be made alone, in any process, in any order, and comes out the same.
 */

/** Mixes up to four integers into 32 well spread bits (the finaliser of MurmurHash3, applied once a word). */
export function hash(a: number, b = 0, c = 0, d = 0): number {
  let h = 0x9e3779b9
  h = mix(h ^ (a | 0))
  h = mix((h + 0x7f4a7c15) ^ (b | 0))
  h = mix((h + 0x85ebca6b) ^ (c | 0))
  h = mix((h + 0xc2b2ae35) ^ (d | 0))
  return h >>> 0
}

function mix(value: number): number {
  let h = value
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}

/** A sequence of numbers fixed by its seed (mulberry32: 32 bits of state, period 2^32). */
export class Random {
  private state: number

  constructor(seed: number) {
    this.state = seed | 0
  }

  /** 0 <= value < 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0
    let t = this.state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }

  range(low: number, high: number): number {
    return low + (high - low) * this.next()
  }

  /** 0 <= value < count, whole. */
  int(count: number): number {
    return Math.floor(this.next() * count)
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  angle(): number {
    return this.next() * Math.PI * 2
  }

  /** Mean 0, standard deviation 1, never beyond +-3 (sum of three uniforms). */
  normal(): number {
    return (this.next() + this.next() + this.next() - 1.5) * 2
  }

  /** Normal about a mean, cut at two standard deviations. */
  about(mean: number, deviation: number): number {
    return mean + deviation * Math.max(-2, Math.min(2, this.normal()))
  }

  pick<T>(items: readonly T[]): T {
    return items[this.int(items.length)]!
  }
}
