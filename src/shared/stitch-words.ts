import type { Field, Stitch } from './contract/slide.ts'

/** A seam is as the images say up to so many pixels: places in force are whole ones, and each field is put on the nearest. */
export const SEAM_RIGHT_PX = 2

/**
 * held: places agree with what the images say. off: they do not. unlike: the images show different things. silent: they say nothing.
 */
export type SeamState = 'held' | 'off' | 'unlike' | 'silent'

export function seamState({ offset, unlike }: Pick<Stitch, 'offset' | 'unlike'>, offPx: number | null): SeamState {
  if (unlike) return 'unlike'
  if (offset === null || offPx === null) return 'silent'
  return offPx <= SEAM_RIGHT_PX ? 'held' : 'off'
}

/** "0.97", "0.97, 12 px off", "0.11, different things", "nothing in common". */
export function seamWords(stitch: Pick<Stitch, 'offset' | 'score' | 'unlike'>, offPx: number | null): string {
  const state = seamState(stitch, offPx)
  if (state === 'silent') return 'nothing in common'
  const score = stitch.score.toFixed(2)
  if (state === 'unlike') return `${score}, different things`
  return state === 'held' ? score : `${score}, ${offPx!.toFixed(0)} px off`
}

/** How a field's place was told, in a few words; null: it has no stage, or nothing is known of it. */
export function placedWords(stitch: Field['stitch']): string | null {
  if (stitch === null) return null
  const { compared, matched, score } = stitch
  if (compared === 0) return 'the first here: placed by the stage'
  if (matched === 0 || score === null) return 'placed by the stage alone: overlaps show nothing in common'
  const of = matched === compared ? `${matched}` : `${matched} of ${compared}`
  return `placed by ${of} ${compared === 1 ? 'neighbour' : 'neighbours'}, stitch score ${score.toFixed(2)}`
}
