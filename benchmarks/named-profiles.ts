import { PROFILES, type Profile } from '../src/main/microscope/simulator/world.ts'

/** The profiles that `--profiles` names, separated by commas; "all" of them. Throws a RangeError at a name that is none. */
export function namedProfiles(text: string): readonly Profile[] {
  if (text === 'all') return PROFILES
  return text.split(',').map((name) => {
    const profile = PROFILES.find((known) => known === name)
    if (!profile) throw new RangeError(`--profiles: "${name}" is none of ${PROFILES.join(', ')} (or "all")`)
    return profile
  })
}
