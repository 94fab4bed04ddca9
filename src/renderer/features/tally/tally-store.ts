import type { Look } from '../../../shared/contract/counted-areas.ts'
import type { Sitting, SittingState } from '../../../shared/contract/tally.ts'
import type { ClassCode } from '../../../shared/taxonomy.ts'
import type { Problem } from '../../app/problem.ts'
import { loadSetting } from '../../app/settings.ts'
import { createStore, useSelected } from '../../ui/store.ts'
import type { SlideRect } from '../../viewer/placement.ts'

/** A person's counted area as it lies on the slide that is shown, SlidePx. */
export interface HandArea {
  readonly area: SlideRect
  readonly label: string
}

interface TallyStore {
  /** The panel takes the place of the differential. */
  readonly shown: boolean
  /** Whose sittings `sittings` are; null: not read yet. */
  readonly caseId: number | null
  readonly sittings: readonly Sitting[]
  /** The sitting that is counted in, or was last; null: none yet. */
  readonly state: SittingState | null
  /** Letters count cells. */
  readonly counting: boolean
  /** What was counted already where the person looks; null: not told yet. */
  readonly look: Look | null
  /** Why the last press did not count, or something else was refused; null: it was not. */
  readonly problem: Problem | null
  /** The newest thing done, in words. */
  readonly last: string
  readonly lastClass: ClassCode | null
  /** The number it rang at last; null: it has not, or was counted on since. */
  readonly rungAt: number | null
  readonly sound: 'on' | 'off'
  /** What people counted on the slide that is shown, and of which run that is. */
  readonly onSlide: { readonly runId: number; readonly areas: readonly HandArea[] } | null
  /** The sitting that is held against a run; null: none. */
  readonly compared: Sitting | null
}

export const tallyStore = createStore<TallyStore>({
  shown: false,
  caseId: null,
  sittings: [],
  state: null,
  counting: false,
  look: null,
  problem: null,
  last: '',
  lastClass: null,
  rungAt: null,
  sound: loadSetting<'on' | 'off'>('tally-sound', 'on'),
  onSlide: null,
  compared: null,
})

export const useTally = <Part>(select: (state: TallyStore) => Part): Part => useSelected(tallyStore, select)
