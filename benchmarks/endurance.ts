/**
 * One scan in peace and the same scan killed at random moments, unplugged, with a camera that hangs, and run out of disk; what of it differs:
 * `node benchmarks/endurance.ts [--kills N] [--unplugs N] [--hangs N] [--disk-fulls N] [--seed N] [--cells N] [--mount N] [--model FOLDER]`. One JSON object on
 * stdout; the exit status is 0 only where everything happened, nothing differs and nothing is wrong with the casebook.
 *
 * `--mount`: seed of how its camera is mounted, see `calibrate`: turned, skewed and unevenly lit, so that each image is put right.
 *
 * Each scan is a process of its own (the command line), killed with SIGKILL; its stage hangs on a pseudo-terminal and its camera on a cable
 * that can be pulled, its data folder lies on a volume of its own. 100 kills, 20 unpluggings, 5 hangs and 5 full disks take about half an hour on two
 * cores; Ctrl-C leaves the rest out and compares what there is. Needs root (a tmpfs) and socat.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { cellsAField, endure } from '../test/support/endurance/endure.ts'
import { noPtys } from '../test/support/pty.ts'
import { mountVolume } from '../test/support/volume.ts'

/** What a field takes with room to spare, kibibytes. */
const FIELD_KIB = 1500

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    unplugs: { type: 'string', default: '20' },
    hangs: { type: 'string', default: '5' },
    'disk-fulls': { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
    cells: { type: 'string' },
    mount: { type: 'string' },
    model: { type: 'string' },
  },
})
const [kills, unplugs, hangs, diskFulls] = [values.kills, values.unplugs, values.hangs, values['disk-fulls']].map(
  Number,
)
// A kill costs a field or two; while a cable or a disk is waited for, what was exposed before is still committed.
const mount = values.mount === undefined ? null : Number(values.mount)
const fields = 10 + 1.5 * kills + 8 * unplugs + 4 * hangs + 10 * diskFulls
// A mounted camera's images are smaller, so that more fields are committed meanwhile.
const cells = Number(values.cells ?? Math.ceil(cellsAField(mount) * (mount === null ? fields : 1.4 * fields)))
const volume = mountVolume(200_000 + FIELD_KIB * Math.ceil(cells / cellsAField(mount)))
const missing = typeof volume === 'string' ? volume : noPtys()
if (missing !== null || typeof volume === 'string') throw new Error(`It ${missing}.`)
const folder = await mkdtemp(join(tmpdir(), 'medulla-endurance-'))
const enough = new AbortController()
process.once('SIGINT', () => enough.abort())
try {
  const report = await endure({
    seed: Number(values.seed),
    kills,
    unplugs,
    hangs,
    diskFulls,
    cells,
    mount,
    model: values.model ?? null,
    volume: volume.path,
    folder,
    note: (line) => console.error(line),
    enough: enough.signal,
  })
  console.log(JSON.stringify({ benchmark: 'endurance', seed: Number(values.seed), targetCells: cells, ...report }))
  if (report.differences.length + report.findings.length + report.missed > 0) process.exitCode = 1
} finally {
  volume.remove()
  await rm(folder, { recursive: true, force: true })
}
