import { isDeepStrictEqual } from 'node:util'
import type { StageRigSettings } from '../../../shared/contract/microscope.ts'
import type { OverviewSummary } from '../../../shared/contract/overview.ts'
import type { RunSummary } from '../../../shared/contract/runs.ts'
import { type CountedShare, type FieldPace, USUAL_COUNTED } from '../../../shared/overview/expect.ts'
import type { Casebook } from '../../casebook/casebook.ts'
import { rigName } from '../calibrations-in-use.ts'

/** Runs with fewer fields or cells tell little. */
const FEWEST_FIELDS = 12
const FEWEST_CELLS = 200
/** The newest runs count: so many. */
const NEWEST = 8
/** Places at which a run focuses before its first field: each a move, a search, and an exposure. */
const FOCUS_PLACES = 9
/** Besides: opening, the way to the first field and what is done with it; and after the last, until everything is at rest. Seconds on two cores. */
const BEFORE_SECONDS = 1.5
const AFTER_SECONDS = 1
/** Relative standard deviation from one run to the next. */
const RUNS_DIFFER = 0.12
/**
 * A run's field over an overview's place, which is only looked at roughly: about the same where the stage is what takes time, nearly half more where the
 * processor is, as on two cores that draw a simulated microscope's images too.
 */
const FIELD_OVER_PLACE = { ratio: 1.2, error: 0.2 }

/** What earlier runs of this casebook teach about the next. */
export interface Experience {
  readonly counted: CountedShare
  readonly pace: FieldPace | null
}

export function experienceOf(casebook: Pick<Casebook, 'listCases'>, overview: OverviewSummary): Experience {
  const runs = casebook
    .listCases()
    .flatMap((entry) => entry.runs)
    .toSorted((a, b) => b.runId - a.runId)
  return { counted: countedShare(runs), pace: paceOf(runs, overview) }
}

function countedShare(runs: readonly RunSummary[]): CountedShare {
  const shares = runs
    .filter((run) => run.model !== null && run.cells >= FEWEST_CELLS)
    .slice(0, NEWEST)
    .map((run) => run.counted / run.cells)
  if (shares.length === 0) return USUAL_COUNTED
  const share = mean(shares)
  return { share, error: Math.max(shares.length < 3 ? USUAL_COUNTED.error : 0.02, spread(shares, share)) }
}

function paceOf(runs: readonly RunSummary[], { rig, pace }: OverviewSummary): FieldPace | null {
  const earlier = runs
    .filter((run) => run.rig.kind !== 'folder' && sameMicroscope(run.rig, rig) && run.fields >= FEWEST_FIELDS)
    .flatMap(({ fields, scanningSeconds, firstFieldSeconds: first }) =>
      first === null || scanningSeconds <= first ? [] : [{ first, perField: (scanningSeconds - first) / (fields - 1) }],
    )
    .slice(0, NEWEST)
  if (earlier.length > 0) {
    const perField = earlier.map((run) => run.perField)
    const secondsPerField = mean(perField)
    const error = Math.max(RUNS_DIFFER, spread(perField, secondsPerField) / secondsPerField)
    // The first field is one of the fields.
    const onceSeconds = Math.max(0, mean(earlier.map(({ first }) => first)) - secondsPerField) + AFTER_SECONDS
    return { secondsPerField, error, onceSeconds, from: 'runs' }
  }
  if (!pace || pace.placeMs === 0) return null
  return {
    secondsPerField: (FIELD_OVER_PLACE.ratio * pace.placeMs) / 1000,
    error: FIELD_OVER_PLACE.error,
    onceSeconds: BEFORE_SECONDS + (FOCUS_PLACES * (pace.focusMs + pace.placeMs)) / 1000 + AFTER_SECONDS,
    from: 'overview',
  }
}

/** Whatever smear lies on it. */
function sameMicroscope(a: StageRigSettings, b: StageRigSettings): boolean {
  if (a.kind === 'simulated' && b.kind === 'simulated') {
    const { profile: _a, seed: _b, ...devices } = a
    const { profile: _c, seed: _d, ...others } = b
    return isDeepStrictEqual(devices, others)
  }
  return a.kind === b.kind && rigName(a) === rigName(b) && a.objective === b.objective
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

const spread = (values: readonly number[], middle: number): number =>
  Math.sqrt(mean(values.map((value) => (value - middle) ** 2)))
