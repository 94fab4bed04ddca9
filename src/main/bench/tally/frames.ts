import type { CountingFrame } from '../../../shared/contract/counted-areas.ts'
import type { RigSettings } from '../../../shared/contract/rig-settings.ts'
import { rigName } from '../calibrations-in-use.ts'

/** What places seen with a rig are compared in; null: it has no stage. */
export function frameOf(rig: RigSettings): Omit<CountingFrame, 'mounting'> | null {
  if (rig.kind === 'folder') return null
  const name = rigName(rig)
  // A simulated microscope has a smear of its own for each profile and seed.
  return {
    rig: rig.kind === 'simulated' ? `${name} (${rig.profile}, seed ${rig.seed})` : name,
    objective: rig.objective,
  }
}

/** How often somebody had said, by then, that the slide was moved. */
export function mountingAt(at: string, moves: readonly string[]): number {
  return moves.filter((moved) => moved <= at).length
}

export function sameFrame(a: CountingFrame | null, b: CountingFrame | null): boolean {
  return a !== null && b !== null && a.rig === b.rig && a.objective === b.objective && a.mounting === b.mounting
}

/** Why what was counted in one frame cannot be told from what is seen in another, in words; null: it can. */
export function whyApart(there: CountingFrame | null, here: CountingFrame): string | null {
  if (there === null) return 'no place on the stage is known'
  if (there.rig !== here.rig) return `it was counted with ${there.rig}, which has a stage of its own`
  if (there.objective !== here.objective)
    return `it was counted with ${there.objective === null ? 'no objective named' : `the objective ${there.objective}`}, which looks at another place`
  if (there.mounting !== here.mounting) return 'the slide was moved since'
  return null
}
