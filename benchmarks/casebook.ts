/**
 * What committing a field costs late in a long run over early in it: `node benchmarks/casebook.ts [--fields N] [--cells N]`. One JSON object
 * on stdout.
 *
 * Fields of 20 cells with pictures of 12 KB are committed to a casebook on disk, and after each the casebook is asked what a scan and its window ask: where the run
 * stands, what its rules need, what is near a cell at the field's rim, what has changed. `growth` is the median processor time of the last
 * hundred fields over that of the third hundred.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openCasebook } from '../src/main/casebook/open-casebook.ts'
import { CASE, newCell, newField, newRun } from '../test/support/casebook-rows.ts'

const PICTURE_BYTES = 12_000
const COLUMNS = 40

const { values } = parseArgs({
  options: { fields: { type: 'string', default: '3000' }, cells: { type: 'string', default: '20' } },
})
const [fields, cells] = [Number(values.fields), Number(values.cells)]
const folder = await mkdtemp(join(tmpdir(), 'medulla-casebook-benchmark-'))
const casebook = openCasebook(folder)
const { caseId } = casebook.createCase(CASE)
const { runId } = casebook.createRun(newRun(caseId))
const picture = new Uint8Array(PICTURE_BYTES)

const spent: Record<string, number[]> = {}
let revision = 0
for (let index = 0; index < fields; index++) {
  const at = { x: 1843 * (index % COLUMNS), y: 1382 * Math.floor(index / COLUMNS) }
  const field = newField(
    runId,
    index,
    Array.from({ length: cells }, (_, i) => ({
      ...newCell(i % 21, { x: at.x + 90 * i, y: at.y + 70 * i }),
      cropJpeg: picture,
    })),
  )
  measure('commit', () => casebook.commitField({ ...field, field: { ...field.field, slideX: at.x, slideY: at.y } }))
  measure('run', () => casebook.run(runId))
  measure('tally', () => casebook.tally(runId))
  measure('counts', () => casebook.counts(runId))
  measure('near', () => casebook.cellsNear(runId, at.x, at.y, 60))
  measure('changes', () => {
    casebook.changedCells(runId, revision, 1000)
    casebook.fields(runId, revision)
    revision = casebook.revision(runId)
  })
}
const of = (call: string, from: number, to: number) => median(spent[call].slice(from, to))
const calls = Object.keys(spent)
const sum = (from: number, to: number) => calls.reduce((total, call) => total + of(call, from, to), 0)
console.log(
  JSON.stringify({
    benchmark: 'casebook',
    fields,
    cells: fields * cells,
    growth: sum(fields - 100, fields) / sum(200, 300),
    earlyMs: Object.fromEntries(calls.map((call) => [call, of(call, 200, 300)])),
    lateMs: Object.fromEntries(calls.map((call) => [call, of(call, fields - 100, fields)])),
  }),
)
casebook.close()
await rm(folder, { recursive: true })

function measure(call: string, work: () => unknown): void {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  spent[call] ??= []
  spent[call].push((user + system) / 1000)
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]
}
