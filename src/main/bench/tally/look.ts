import type { CountingFrame, Look } from '../../../shared/contract/counted-areas.ts'
import type { Sitting } from '../../../shared/contract/tally.ts'
import type { Rect, StageUm } from '../../../shared/geometry.ts'
import { coveredShare, overlap } from '../../../shared/ledger/areas.ts'
import { sittingWords } from '../../../shared/ledger/words.ts'
import { sameFrame, whyApart } from './frames.ts'
import { areaUmOf, type Ledger, type LedgerEntry } from './ledger.ts'

/** Where a person looks. */
export interface Place {
  /** null: not known, and `problem` says why. */
  readonly area: Rect<StageUm> | null
  readonly frame: CountingFrame | null
  readonly problem: string | null
  readonly upright: boolean
}

/** The same place but for what a stage that stands still reads differently, as a share of the view. */
const STILL_THERE = 0.98

/**
 * What was counted before where a person looks.
 * @param sitting which counts there: its own newest place, if that is where it still looks, is not a place of before. null: none yet.
 */
export function lookAt(place: Place, ledger: Ledger, sitting: Sitting | null): Look {
  const nothing = {
    areaUm: place.area && areaUmOf(place.area),
    share: 0,
    already: [],
    machineShare: 0,
    upright: place.upright,
  }
  const { area, frame } = place
  if (area === null || frame === null) return { ...nothing, problem: place.problem }
  const entries = ledger.entries().filter((entry) => !isHere(entry, area, sitting))
  const there = entries.flatMap((entry) => {
    const shared = sameFrame(entry.frame, frame) && entry.area && overlap(entry.area, area)
    return shared ? [{ ...entry, shared }] : []
  })
  const before = there.filter(({ by }) => isBefore(by, sitting))
  const already = before.map(({ by, shared }) => ({
    by,
    areaUm: areaUmOf(shared),
    share: (shared.width * shared.height) / (area.width * area.height),
  }))
  return {
    ...nothing,
    share: coveredShare(
      area,
      before.map(({ shared }) => shared),
    ),
    machineShare: coveredShare(
      area,
      there.filter(({ by }) => by.kind === 'run').map(({ shared }) => shared),
    ),
    already: already.sort((a, b) => b.share - a.share),
    problem: strangersWords(ledger, frame, sitting),
  }
}

/** What a sitting is not to count again: of one that compares, only what it counted itself; else what anybody counted to be put together. */
function isBefore(by: LedgerEntry['by'], sitting: Sitting | null): boolean {
  if (sitting?.purpose === 'compare') return by.kind === 'sitting' && by.sittingId === sitting.sittingId
  return by.kind === 'run' || by.purpose === 'add'
}

function isHere({ by, area }: LedgerEntry, here: Rect<StageUm>, sitting: Sitting | null): boolean {
  if (by.kind !== 'sitting' || !sitting || by.sittingId !== sitting.sittingId || by.view !== sitting.views - 1)
    return false
  return area !== null && coveredShare(area, [here]) >= STILL_THERE && coveredShare(here, [area]) >= STILL_THERE
}

/** What was counted of the slide that cannot be told from what is seen here, in sentences; null: nothing. */
export function strangersWords(ledger: Ledger, here: CountingFrame, sitting: Sitting | null = null): string | null {
  const sentences = new Set<string>()
  for (const run of ledger.runs) {
    const why = whyApart(run.frame, here)
    if (why !== null) sentences.add(`Run ${run.runId} cannot be compared: ${why}.`)
  }
  const people = ledger.ofPeople()
  for (const { by, frame } of people) {
    if (by.kind !== 'sitting' || by.purpose !== 'add' || by.sittingId === sitting?.sittingId) continue
    const why = whyApart(frame, here)
    if (why !== null) sentences.add(`${sittingWords({ ...by, cells: cellsOf(people, by.sittingId) })}: ${why}.`)
  }
  return sentences.size === 0 ? null : [...sentences].join(' ')
}

const cellsOf = (people: readonly LedgerEntry[], sittingId: number): number =>
  people.reduce((sum, { by, cells }) => sum + (by.kind === 'sitting' && by.sittingId === sittingId ? cells : 0), 0)
