import { Layout } from './layout.ts'
import { classShares } from './profiles.ts'
import { hash } from './random.ts'
import { SmearMap } from './smear-map.ts'
import type { Stain } from './stain.ts'
import { makeStain } from './stain.ts'
import type { Profile } from './world.ts'
import { PROFILES } from './world.ts'

/** How far the slides of simulated patients differ in stain: what one good laboratory shows from day to day. */
const WORLD_SPREAD = 1

/** What lies on the slide of a world, and in which colours. Two profiles with one seed are two patients, not one dressed up twice. */
export function makeSlide(seed: number, profile: Profile): { readonly layout: Layout; readonly stain: Stain } {
  const slideSeed = hash(seed, PROFILES.indexOf(profile), 0x51de)
  return {
    layout: new Layout(slideSeed, classShares(profile), new SmearMap(slideSeed)),
    stain: makeStain(hash(slideSeed, 0x57a1), WORLD_SPREAD),
  }
}
