import type { LeftOutReason } from '../../../shared/contract/quality.ts'
import type { Verdict } from '../../../shared/quality/judge.ts'
import type { Match } from './match.ts'
import type { StagePlace } from './solve-places.ts'

/** A field committed before that the new one should overlap, and how the two lie to each other. */
export interface ComparedField {
  /** Where it lies, slide pixels. */
  readonly place: StagePlace
  readonly match: Match
  /** Why the gate left it out when it was committed, whatever people decided since; null: it counts. */
  readonly gateReason: LeftOutReason | null
}

export interface Doubt extends Verdict {
  /**
   * It fits one whose place is unclear as well, and not what counts: no image of another place that the camera gave, but the slide or the stage
   * has slipped.
   */
  readonly slipped: boolean
  /** It fits nothing: neither what counts nor what does not. */
  readonly alone: boolean
}

/**
 * Neighbours may put a field so far apart and it is still one place, micrometres: on a seam, centres nearer than this are thought one cell's (see
 * `ownership`).
 */
export const ONE_PLACE_UM = 2.5

/**
 * Whether what a field shows contradicts the place it is given, so that its cells may be counted twice or in the name of others; null: it does not.
 * Overlaps with too little in them, and neighbours that are blurred or spoilt, say nothing against it; nor does a field stand against it whose own
 * place is in doubt, so that of a stage which slipped those fields are left out that reach over what was scanned before, and the others count.
 * @param place what it is given: see `placeField`. @param areTied whether images tie two of `compared` to each other: what lies by the stage alone
 * may be off by what the stage is. @param pixelSizeUm micrometres of a slide pixel.
 */
export function doubtfulPlace<Compared extends ComparedField>(
  place: StagePlace,
  compared: readonly Compared[],
  areTied: (one: Compared, other: Compared) => boolean,
  pixelSizeUm: number,
): Doubt | null {
  const shownWell = compared.filter(({ gateReason }) => gateReason === null || gateReason === 'stitch')
  const unlike = shownWell.filter(({ match }) => match.unlike)
  const matched = compared.filter(({ match }) => match.offset !== null)
  if (matched.length === 0)
    return unlike.length === 0 ? null : doubt(`shows something else than ${besides(unlike)}`, { alone: true })

  const counting = ({ gateReason }: ComparedField): boolean => gateReason === null
  const told = matched.filter(counting).map((field) => ({ field, at: toldBy(field) }))
  const offUm = (at: StagePlace) => Math.hypot(at.xPx - place.xPx, at.yPx - place.yPx) * pixelSizeUm
  const agree = told.filter(({ at }) => offUm(at) <= ONE_PLACE_UM)
  const elsewhere = told.filter(
    ({ field, at }) => offUm(at) > ONE_PLACE_UM && agree.some((other) => areTied(field, other.field)),
  )
  const others = unlike.filter(counting)
  if (others.length > 0) {
    const against = `shows something else than ${besides(others)}`
    const slipped = matched.some(({ gateReason }) => gateReason === 'stitch')
    return doubt(agree.length === 0 ? against : `${against}, and the same as ${agree.length} more`, { slipped })
  }
  // A single pair of many may have been matched wrongly.
  if (elsewhere.length === 0 || elsewhere.length < agree.length) return null
  const farthest = elsewhere.reduce((far, { at }) => Math.max(far, offUm(at)), 0)
  return doubt(`neighbours put it ${Math.round(farthest)} um apart`, {})
}

function toldBy({ place, match }: ComparedField): StagePlace {
  return { xPx: place.xPx + match.offset!.xPx, yPx: place.yPx + match.offset!.yPx }
}

const besides = ({ length }: readonly ComparedField[]): string =>
  length === 1 ? 'a field it should overlap' : `${length} fields it should overlap`

const doubt = (words: string, { slipped = false, alone = false }): Doubt => ({
  reason: 'stitch',
  words: `place unclear: ${words}`,
  slipped,
  alone,
})
