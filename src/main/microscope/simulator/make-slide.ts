import { Layout } from './layout.ts'
import { classShares } from './profiles.ts'
import { hash } from './random.ts'
import { SmearMap } from './smear-map.ts'
import type { Stain } from './stain.ts'
import { makeStain } from './stain.ts'
import type { Profile } from './world.ts'
import { PROFILES } from './world.ts'

export interface SlideOptions {
  /** Any whole number; the same options give the same slide. */
  readonly seed: number
  readonly profile: Profile
  /** Nucleated cells lie in touching clumps of up to 12, as in a crowded marrow, rather than mostly apart. */
  readonly clumped?: boolean
  /** How far the stain strays from the reference: 1, the default, what one good laboratory shows from day to day; 2-3 what many do. */
  readonly stainSpread?: number
  /** Tilt and bow: 1, the default, a good slide in a good holder, 3 um from end to end. */
  readonly relief?: number
  /**
   * 1: the slide has what no map of nine places can know: a step, a dent, and a holder that grew warm while the scan went down the slide. 0, the default: it
   * has not. See `unevennessOf`.
   */
  readonly unevenness?: number
}

/** What lies on the slide of a world, and in which colours. Two profiles with one seed are two patients, not one dressed up twice. */
export function makeSlide({
  seed,
  profile,
  clumped = false,
  stainSpread = 1,
  relief = 1,
  unevenness = 0,
}: SlideOptions): {
  readonly layout: Layout
  readonly stain: Stain
} {
  const slideSeed = hash(seed, PROFILES.indexOf(profile), 0x51de)
  return {
    layout: new Layout(slideSeed, classShares(profile), new SmearMap(slideSeed, relief, unevenness), clumped),
    stain: makeStain(hash(slideSeed, 0x57a1), stainSpread),
  }
}
