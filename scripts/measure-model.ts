/**
 * After a training, all that the bench adds to a model package, in order: the 8 bit graph, what it mistakes on drawn cells, what a search finds, what it
 * is worth on its sets.
 *
 *   node scripts/measure-model.ts [--model FOLDER] [--images ../shared/data]
 */
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { bundledModelFolder } from '../src/main/inference/bundled.ts'

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: bundledModelFolder() },
    images: { type: 'string', default: '../shared/data' },
  },
})
const { model, images } = values

run('/usr/bin/python3', '-m', 'training.quantise', model, '--data', images)
run(process.execPath, 'scripts/measure-drawn.ts', '--model', model, '--write')
run(process.execPath, 'scripts/measure-candidates.ts', '--model', model, '--images', images, '--write')
// Last: it measures again what each step before it stated.
run(process.execPath, 'scripts/measure-sets.ts', '--model', model, '--images', images, '--write')

function run(program: string, ...args: string[]): void {
  console.error(`\n${args.join(' ')}`)
  const { status, error } = spawnSync(program, args, { stdio: 'inherit' })
  if (error) throw error
  if (status !== 0) process.exit(status ?? 1)
}
