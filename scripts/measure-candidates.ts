/**
 * At which probability of a class how many of its validation images are found: the `candidates` of a model's manifest, by which a search for a rare
 * class chooses what to show. One JSON object on stdout.
 *
 *   node scripts/measure-candidates.ts [--model FOLDER] [--images ../shared/data] [--per-class 100] [--seed 977] [--write]
 *
 * Real images are those of the sets whose figures the manifest states (`measured`), by the full graph; drawn ones are as for `measure-drawn.ts`.
 * `--write` puts the figures into the package's manifest.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { bundledModelFolder } from '../src/main/inference/bundled.ts'
import { openModelInThreads } from '../src/main/inference/model-threads.ts'
import { openLabelledCrops } from '../src/main/reference/labelled-crops.ts'
import { nameCells } from '../src/main/reference/name-cells.ts'
import { candidateFigures, type ProbableImage } from '../src/shared/search/candidate-figures.ts'
import { DRAWN_PIXEL_SIZE_UM, drawnCrops } from './drawn-crops.ts'

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: bundledModelFolder() },
    images: { type: 'string', default: '../shared/data' },
    'per-class': { type: 'string', default: '100' },
    seed: { type: 'string', default: '977' },
    write: { type: 'boolean', default: false },
  },
})

const model = await openModelInThreads(values.model)
const onNamed = (done: number, of: number) => process.stderr.write(`\r${done} of ${of}  `)

const real: ProbableImage[] = []
for (const set of model.manifest.measured ?? []) {
  if (set.variant !== 'float') continue
  const { crops, close } = await openLabelledCrops(join(values.images, set.path), set.split)
  const named = await nameCells(crops, set.pixelSizeUm, model, { onNamed })
  real.push(...named.map(({ probabilities }, i) => ({ truth: crops[i].class, probabilities })))
  await close()
}
const drawn = drawnCrops(Number(values.seed), Number(values['per-class']))
const images = drawn.map(({ image }) => ({ read: async () => image }))
const named = await nameCells(images, DRAWN_PIXEL_SIZE_UM, model, { onNamed })
process.stderr.write('\n')
await model.close()

const figures = {
  real: candidateFigures(real, model.classes),
  rendered: candidateFigures(
    named.map(({ probabilities }, i) => ({ truth: drawn[i].code, probabilities })),
    model.classes,
  ),
}
if (values.write) {
  const file = join(values.model, 'manifest.json')
  const manifest = JSON.parse(readFileSync(file, 'utf8'))
  manifest.candidates = figures
  writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`)
}
console.log(
  JSON.stringify({
    model: `${model.manifest.name} ${model.manifest.version}`,
    seed: Number(values.seed),
    images: { real: real.length, rendered: named.length },
    written: values.write,
    candidates: figures,
  }),
)
