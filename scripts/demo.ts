/**
 * `npm run demo`: scans a simulated smear without a window, prints the differential beside the truth, and tells where to look
 * at it. Arguments are those of `medulla scan`, e.g. `npm run demo -- --profile aml --seed 7 --cells 200`.
 */
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { defaultDataFolder } from '../src/main/data-folder.ts'

const root = path.dirname(import.meta.dirname)
const passedOn = process.argv.slice(2)
const { values } = parseArgs({ args: passedOn, options: { data: { type: 'string' } }, strict: false })
const named = typeof values.data === 'string' ? values.data : null
const data = path.resolve(named ?? defaultDataFolder())

const { status } = spawnSync(
  process.execPath,
  [path.join(root, 'src/main/cli.ts'), 'scan', '--rig', 'simulated', '--time-scale', '20', ...passedOn],
  { stdio: 'inherit' },
)
if (status === 0 && !passedOn.includes('--json')) {
  const parameters = named ? ` -- --data ${named}` : ''
  console.log(`\nThe slide and its cells are in ${data}.`)
  console.log(`Look at them in the window:   npm start${parameters}`)
  console.log(`or in a browser:              npm run -s medulla -- serve${named ? ` --data ${named}` : ''}`)
}
process.exit(status ?? 1)
