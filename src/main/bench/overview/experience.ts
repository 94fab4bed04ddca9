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
/** Searches for focus before a run's first field. */
const FOCUS_SEARCHES = 9
/** Relative standard deviations: from one run to the next, and of what an overview's pace says of a run's, which also names its cells. */
const RUNS_DIFFER = 0.12
const OVERVIEW_PACE_ERROR = 0.3

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
  const setupSeconds = pace ? (FOCUS_SEARCHES * pace.focusMs) / 1000 : 0
  const seconds = runs
    .filter((run) => run.rig.kind !== 'folder' && sameMicroscope(run.rig, rig) && run.fields >= FEWEST_FIELDS)
    .slice(0, NEWEST)
    .map((run) => Math.max(0, run.scanningSeconds - setupSeconds) / run.fields)
    .filter((perField) => perField > 0)
  if (seconds.length > 0) {
    const secondsPerField = mean(seconds)
    const error = Math.max(RUNS_DIFFER, spread(seconds, secondsPerField) / secondsPerField)
    return { secondsPerField, error, setupSeconds, from: 'runs' }
  }
  if (!pace || pace.placeMs === 0) return null
  return { secondsPerField: pace.placeMs / 1000, error: OVERVIEW_PACE_ERROR, setupSeconds, from: 'overview' }
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
