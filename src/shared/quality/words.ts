import type { LeftOut, LeftOutReason, PlaceFlag, RunFlag } from '../contract/quality.ts'

/** One word each, as they stand on the slide. */
export const REASON_WORD: Readonly<Record<LeftOutReason, string>> = {
  focus: 'focus',
  motion: 'motion',
  overexposed: 'overexposed',
  dark: 'dark',
  empty: 'empty',
  thick: 'thick',
  stain: 'stain',
  stitch: 'place unclear',
  repeated: 'repeated',
  person: 'by hand',
}

/** Why, and by whom. */
export function leftOutWords({ words, reader }: LeftOut): string {
  return reader === null ? words : `${words} (${reader})`
}

/** What to make of fields that are left out, where their reason does not say it; null: there is none of these. */
export function leftOutAdvice(fields: readonly { readonly leftOut: LeftOut | null }[]): string | null {
  if (!fields.some(({ leftOut }) => leftOut?.reason === 'stitch')) return null
  return (
    'Place unclear: the slide or the stage slipped, or the camera gave an image of another place. Look at the seams before you bring such a field ' +
    'back: its cells may be counted in another field as well.'
  )
}

/** "2 focus, 1 thick": the commonest first; '' where all count. */
export function leftOutCounts(fields: readonly { readonly leftOut: LeftOut | null }[]): string {
  const counts = new Map<LeftOutReason, number>()
  for (const { leftOut } of fields) if (leftOut) counts.set(leftOut.reason, (counts.get(leftOut.reason) ?? 0) + 1)
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([reason, count]) => `${count} ${REASON_WORD[reason]}`)
    .join(', ')
}

/** "light drifts", "light and stain drift", "slide slipped, light drifts" */
export function flagWord(flags: readonly RunFlag[]): string {
  const told = (part: string) => flags.some(({ kind }) => kind.startsWith(part))
  const what = ['light', 'stain'].filter(told)
  return [
    ...(told('misfit') ? ['fields do not fit'] : []),
    ...(told('slip') ? ['slide slipped'] : []),
    ...(what.length > 0 ? [`${what.join(' and ')} ${what.length === 1 ? 'drifts' : 'drift'}`] : []),
  ].join(', ')
}

export const PLACE_FLAG_WORDS: Readonly<Record<PlaceFlag, string>> = {
  slip:
    'Fields fit each other, but not what was scanned before: the slide was knocked, or the stage lost steps. Where that was by more than a field, what was ' +
    'counted before may be counted again.',
  misfit:
    'Fields fit none of those beside them, and do not count: the camera is turned or mirrored against the stage, the pixel size is wrong, or the stage ' +
    'is farther off than its rig says. Stop, calibrate the microscope, and scan anew.',
}

/** "3 fields" */
export const fieldsText = (count: number) => `${count} ${count === 1 ? 'field' : 'fields'}`
