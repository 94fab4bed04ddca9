/**
 * What a model is worth on its validation images as the bench itself decodes, crops and names them: the `measured` of its manifest, which
 * `model verify` measures again. One JSON object on stdout.
 *
 *   node scripts/measure-sets.ts [--model FOLDER] [--images ../shared/data] [--write]
 *
 * The sets are those whose figures the manifest states already, as training saw them: its JPEGs are decoded by another library, which moves a few
 * cells. `--write` puts the bench's figures in their place.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { bundledModelFolder } from '../src/main/inference/bundled.ts'
import { openModelInThreads } from '../src/main/inference/model-threads.ts'
import { judgeCrops } from '../src/main/reference/evaluate.ts'
import { classificationFigures } from '../src/shared/evaluation/classification.ts'

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: bundledModelFolder() },
    images: { type: 'string', default: '../shared/data' },
    write: { type: 'boolean', default: false },
  },
})

const file = join(values.model, 'manifest.json')
const manifest = JSON.parse(readFileSync(file, 'utf8'))
const rounded = (value: number) => Number(value.toFixed(4))
for (const stated of manifest.measured) {
  const model = await openModelInThreads(values.model, { variant: stated.variant ?? 'float' })
  const { path, pixelSizeUm, split } = stated
  const judged = await judgeCrops({ path: join(values.images, path), pixelSizeUm, split }, model, {})
  await model.close()
  const { balancedAccuracy, accuracy, calibrationError } = classificationFigures(judged)
  stated.balancedAccuracy = rounded(balancedAccuracy!)
  stated.accuracy = rounded(accuracy.value!)
  stated.calibrationError = rounded(calibrationError!)
}
if (values.write) writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`)
console.log(
  JSON.stringify({ model: `${manifest.name} ${manifest.version}`, written: values.write, measured: manifest.measured }),
)
