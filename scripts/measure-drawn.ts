/**
 * How a model names cells that the simulator draws: the `confusionRendered` of its manifest, by which the counts of simulated smears are
 * corrected. One JSON object on stdout.
 *
 *   node scripts/measure-drawn.ts [--model FOLDER] [--per-class 100] [--seed 977] [--write]
 *
 * `--seed` has to be one that no training set was drawn with. `--write` puts the matrix into the package's manifest.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { bundledModelFolder } from '../src/main/inference/bundled.ts'
import { openModelInThreads } from '../src/main/inference/model-threads.ts'
import { nameCells } from '../src/main/reference/name-cells.ts'
import { classificationFigures } from '../src/shared/evaluation/classification.ts'
import { DRAWN_PIXEL_SIZE_UM, drawnCrops } from './drawn-crops.ts'

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: bundledModelFolder() },
    'per-class': { type: 'string', default: '100' },
    seed: { type: 'string', default: '977' },
    write: { type: 'boolean', default: false },
  },
})
const perClass = Number(values['per-class'])
const seed = Number(values.seed)
if (!(perClass > 0) || !Number.isInteger(seed)) {
  console.error('Usage: node scripts/measure-drawn.ts [--model FOLDER] [--per-class 100] [--seed 977] [--write]')
  process.exit(2)
}

const drawn = drawnCrops(seed, perClass)
const model = await openModelInThreads(values.model)
const images = drawn.map(({ image }) => ({ read: async () => image }))
const named = await nameCells(images, DRAWN_PIXEL_SIZE_UM, model, {
  onNamed: (done, of) => process.stderr.write(`\r${done} of ${of}`),
})
process.stderr.write('\n')
await model.close()
const figures = classificationFigures(
  named.map(({ class: predicted, probability, unfamiliarity }, i) => ({
    truth: drawn[i].code,
    predicted,
    probability,
    unfamiliarity,
  })),
)
if (values.write) {
  const file = join(values.model, 'manifest.json')
  const manifest = JSON.parse(readFileSync(file, 'utf8'))
  manifest.confusionRendered = figures.confusion
  writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`)
}
console.log(
  JSON.stringify({
    model: `${model.manifest.name} ${model.manifest.version}`,
    seed,
    n: figures.n,
    balancedAccuracy: figures.balancedAccuracy,
    calibrationError: figures.calibrationError,
    written: values.write,
    confusion: figures.confusion,
  }),
)
