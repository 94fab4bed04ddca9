import type { Counter, Look } from '../contract/counted-areas.ts'
import type { Sitting } from '../contract/tally.ts'

/** "run 3, field 17", "A. Reader by hand, place 2". Numbered from 1, as people count. */
export function counterWords(by: Counter): string {
  if (by.kind === 'run') return `run ${by.runId}, field ${by.field + 1}`
  return `${by.reader} by hand (sitting ${by.sittingId}, place ${by.view + 1})`
}

/** At most this many are named. */
const NAMED = 3

const percent = (share: number): string => (share > 0 && share < 0.01 ? 'under 1' : String(Math.round(100 * share)))

/** What was counted already of what a person looks at; null: nothing, as far as can be told. */
export function alreadyWords({ already, share }: Pick<Look, 'already' | 'share'>): string | null {
  if (already.length === 0) return null
  const [first] = already
  if (already.length === 1) return `already counted: ${counterWords(first!.by)}, ${percent(share)} % of this view`
  const named = already.slice(0, NAMED).map(({ by, share: own }) => `${counterWords(by)} (${percent(own)} %)`)
  const more = already.length > NAMED ? ` and ${already.length - NAMED} more` : ''
  return `already counted: ${named.join('; ')}${more}; together ${percent(share)} % of this view`
}

/** "A. Reader counted 120 cells by hand" */
export const sittingWords = ({ sittingId, reader, cells }: Pick<Sitting, 'sittingId' | 'reader' | 'cells'>): string =>
  `${reader} counted ${cells} ${cells === 1 ? 'cell' : 'cells'} by hand (sitting ${sittingId})`
