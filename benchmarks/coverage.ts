/**
 * How sure the counts really are: `node benchmarks/coverage.ts [--profiles all] [--seeds 1,2,3] [--cells 500] [--model FOLDER]
 * [--confusion FILE] [--work FOLDER]`. One JSON object on stdout.
 *
 * Simulated smears are scanned with the real detector and model; a scan takes a quarter of a minute, is kept in the work folder (by the model's hash) and
 * is used again, so that the statistics can be studied in a moment. `--confusion`: what `evaluate --crops DIR --json` said of drawn crops, in place
 * of the manifest's `confusionRendered`.
 *
 * Pairs are a class and a run with five true cells or more of that class. `raw` is the machine's count with exact intervals, which know of sampling alone;
 * `corrected` is the corrected view. Both are held against two truths. `inArea`: the share among the true cells of the area that was counted, what a
 * perfect reader of the same fields would have found. `generating`: the share from which the smear was drawn, what a perfect reader of the whole marrow
 * would find. The first is the truth meant where one is meant: the second adds the luck of the area to the model's mistakes, which an interval of sampling
 * covers by itself. Errors are mean absolute ones over all counted classes, in percent of the denominator.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { bundledModelFolder } from '../src/main/inference/bundled.ts'
import { describedModel } from '../src/main/inference/model-info.ts'
import { readPackage } from '../src/main/inference/package.ts'
import { classShares } from '../src/main/microscope/simulator/profiles.ts'
import { projectRoot } from '../src/main/worker-file.ts'
import type { Differential } from '../src/shared/contract/differential.ts'
import { confusionCounts, type ModelInfo } from '../src/shared/contract/models.ts'
import { correctedDifferential } from '../src/shared/differential/corrected.ts'
import { differentialOf } from '../src/shared/differential/differential.ts'
import { knownErrors } from '../src/shared/differential/known-errors.ts'
import { type ClassCode, TAXONOMY } from '../src/shared/taxonomy.ts'
import { type StudiedScan, studiedScan } from './coverage-scans.ts'
import { namedProfiles } from './named-profiles.ts'

/** A class with fewer true cells in a run is no pair. */
const LEAST_CELLS = 5

const { values } = parseArgs({
  options: {
    profiles: { type: 'string', default: 'all' },
    seeds: { type: 'string', default: '1,2,3' },
    cells: { type: 'string', default: '500' },
    model: { type: 'string', default: bundledModelFolder() },
    confusion: { type: 'string' },
    work: { type: 'string', default: join(projectRoot(), 'benchmarks', 'results', 'coverage') },
  },
})

const COUNTED = TAXONOMY.filter((entry) => entry.counted).map((entry) => entry.code)

type Truth = 'inArea' | 'generating'
type View = 'raw' | 'corrected'

/** One class of one run. Shares are percent. */
interface Entry {
  readonly profile: string
  readonly seed: number
  readonly class: ClassCode
  readonly cells: number
  readonly truth: Readonly<Record<Truth, number>>
  readonly raw: Differential['rows'][number]
  readonly corrected: Differential['rows'][number]
}

const model = await statedModel()
const known = knownErrors(model, 'rendered')
const settings = { modelFolder: values.model, targetCells: Number(values.cells), workFolder: values.work }
const entries: Entry[] = []
const runs: { readonly profile: string; readonly seed: number; readonly error: Readonly<Record<View, number>> }[] = []
for (const seed of values.seeds.split(',').map(Number)) {
  for (const profile of namedProfiles(values.profiles)) {
    const scan = await studiedScan(profile, seed, settings)
    const ofRun = entriesOf(scan)
    entries.push(...ofRun)
    const error = { raw: meanError(ofRun, 'raw', 'inArea'), corrected: meanError(ofRun, 'corrected', 'inArea') }
    runs.push({ profile, seed, error })
    console.error(
      `${profile} ${seed}: ${scan.cells.length} cells, mean error ${error.raw.toFixed(2)} raw, ${error.corrected.toFixed(2)} corrected`,
    )
  }
}
const pairs = entries.filter((entry) => entry.cells >= LEAST_CELLS)
const figures = (view: View) => ({
  covered: { inArea: covered(view, 'inArea'), generating: covered(view, 'generating') },
  meanAbsoluteError: { inArea: meanError(entries, view, 'inArea'), generating: meanError(entries, view, 'generating') },
  meanWidth: pairs.reduce((sum, entry) => sum + entry[view].high! - entry[view].low!, 0) / pairs.length,
  outside: pairs
    .filter((entry) => !holds(entry[view], entry.truth.inArea))
    .map(({ profile, seed, class: code, truth, ...of }) => {
      const { percent, low, high } = of[view]
      return { profile, seed, class: code, true: truth.inArea, percent, low, high }
    }),
})
console.log(
  JSON.stringify({
    benchmark: 'coverage',
    model: `${model.name} ${model.version}`,
    through: known?.confusion ? ['confusion', 'probabilities'] : known ? ['probabilities'] : [],
    runs: runs.length,
    cellsEach: settings.targetCells,
    pairs: pairs.length,
    correctedIsNearer: runs.filter(({ error }) => error.corrected < error.raw).length,
    raw: figures('raw'),
    corrected: figures('corrected'),
  }),
)

async function statedModel(): Promise<ModelInfo> {
  const stated = describedModel(await readPackage(values.model))
  if (values.confusion === undefined) return stated
  const { confusion } = JSON.parse(readFileSync(values.confusion, 'utf8')) as { confusion: unknown }
  return { ...stated, confusionRendered: confusionCounts.parse(confusion) }
}

function entriesOf(scan: StudiedScan): Entry[] {
  const counts = new Map<ClassCode | '', number>()
  for (const { named } of scan.cells) counts.set(named, (counts.get(named) ?? 0) + 1)
  const raw = differentialOf({
    runId: 0,
    view: 'machine',
    targetCells: null,
    counts,
    relabelled: 0,
    leftOut: { fields: 0, cells: 0 },
    evidence: () => 'rendered',
    doubt: { unsure: null, atOtherRates: [], unfamiliar: null },
  })
  const cells = scan.cells.map(({ named }) => ({ named, read: null }))
  const corrected = known
    ? correctedDifferential(raw, { cells, probabilities: scan.probabilities, classes: scan.classes, ...known })
    : raw
  const generating = classShares(scan.profile)
  const generatingTotal = COUNTED.reduce((sum, code) => sum + generating[code], 0)
  const inArea = scan.truth.filter((code) => COUNTED.includes(code))
  return COUNTED.map((code, i) => {
    const cells = inArea.filter((other) => other === code).length
    const truth = { inArea: (100 * cells) / inArea.length, generating: (100 * generating[code]) / generatingTotal }
    const { profile, seed } = scan
    return { profile, seed, class: code, cells, truth, raw: raw.rows[i], corrected: corrected.rows[i] }
  })
}

function holds(row: Entry['raw'], share: number): boolean {
  return row.low! <= share && share <= row.high!
}

function covered(view: View, truth: Truth): number {
  return pairs.filter((entry) => holds(entry[view], entry.truth[truth])).length / pairs.length
}

function meanError(of: readonly Entry[], view: View, truth: Truth): number {
  return of.reduce((sum, entry) => sum + Math.abs(entry[view].percent! - entry.truth[truth]), 0) / of.length
}
