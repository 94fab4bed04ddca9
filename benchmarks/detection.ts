/**
 * How well cells are found, whatever the pixel size: `node benchmarks/detection.ts [--fields DIR --pixel-size UM] [--pixel-sizes LIST]
 * [--seeds LIST] [--profiles LIST] [--every N]`. One JSON object on stdout.
 *
 * Without `--fields`, crowded simulated marrow: clumps of up to twelve touching cells, stain up to three times as far from the reference as
 * usual, two fields a smear and a smear for each seed and profile (profiles in turn), drawn anew at every pixel size (default 0.092, also tried
 * in the suite); about 188 x 141 um each. With `--fields`, a labelled folder (see `evaluate --fields`) whose pixel size is `--pixel-size`, resampled to
 * each of `--pixel-sizes` (default: its own); of its images every Nth.
 *
 * Recall and precision with exact (Clopper-Pearson) 95 % limits; cells that the edge may cut are left out of simulated fields. Nothing is
 * set for a set but the pixel size.
 */
import { parseArgs } from 'node:util'
import { detectCells } from '../src/main/vision/detect.ts'
import { share } from '../src/shared/evaluation/share.ts'
import {
  labelledTruth,
  mean,
  resampled,
  simulatedTruth,
  type Tally,
  type TruthField,
  tallyOf,
} from '../test/support/truth-fields.ts'
import { namedProfiles } from './named-profiles.ts'

const { values } = parseArgs({
  options: {
    fields: { type: 'string' },
    'pixel-size': { type: 'string', default: '0.092' },
    'pixel-sizes': { type: 'string' },
    seeds: { type: 'string', default: '1,2,3' },
    profiles: { type: 'string', default: 'normal,aml,myeloma,cll,eosinophilia,needle' },
    every: { type: 'string', default: '1' },
  },
})
const numbers = (list: string): number[] => list.split(',').map(Number)
const ownPixelUm = Number(values['pixel-size'])
const pixelSizesUm = numbers(values['pixel-sizes'] ?? String(ownPixelUm))

async function simulated(pixelSizeUm: number): Promise<TruthField[]> {
  const profiles = namedProfiles(values.profiles)
  const view = { pixelSizeUm, widthPx: Math.round(188 / pixelSizeUm), heightPx: Math.round(141 / pixelSizeUm) }
  const fields: TruthField[] = []
  for (const seed of numbers(values.seeds)) {
    for (const [k, profile] of profiles.entries())
      fields.push(...(await simulatedTruth({ seed, profile, stainSpread: 1 + (k % 3), clumped: true }, view)))
  }
  return fields
}

function figures(pixelSizeUm: number, fields: number, { cells, found, extra, ious }: Tally) {
  return {
    pixelSizeUm,
    fields,
    cells,
    found,
    missed: cells - found,
    extra,
    recall: share(found, cells),
    precision: share(found, found + extra),
    meanIou: ious.length === 0 ? null : Math.round(mean(ious) * 1000) / 1000,
  }
}

const sum = (tallies: readonly Tally[]): Tally => ({
  cells: tallies.reduce((n, tally) => n + tally.cells, 0),
  found: tallies.reduce((n, tally) => n + tally.found, 0),
  extra: tallies.reduce((n, tally) => n + tally.extra, 0),
  ious: tallies.flatMap((tally) => tally.ious),
})

const labelled =
  values.fields === undefined
    ? null
    : (await labelledTruth(values.fields, ownPixelUm)).filter((_, i) => i % Number(values.every) === 0)
const results = []
for (const pixelSizeUm of pixelSizesUm) {
  const fields = labelled ?? (await simulated(pixelSizeUm))
  const tallies: Tally[] = []
  for (const field of fields) tallies.push(tallyOf([await resampled(field, pixelSizeUm)], detectCells))
  results.push(figures(pixelSizeUm, fields.length, sum(tallies)))
}
console.log(
  JSON.stringify({
    set: values.fields ?? `simulated, crowded, seeds ${values.seeds}, profiles ${values.profiles}`,
    results,
  }),
)
