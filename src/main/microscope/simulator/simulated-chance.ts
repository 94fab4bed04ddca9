import { hash } from './random.ts'

/** Chance for the simulated devices, uniform in [0, 1): fixed by the seed and the whole numbers that say what it is for. */
export function chanceOf(seed: number, ...what: readonly [number, number?, number?]): number {
  return hash(seed, ...what) / 2 ** 32
}
