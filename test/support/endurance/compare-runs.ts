import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'

/** Numbers that rows were given as they came, and moments: two runs that found the same differ in them. */
const OF_THE_MOMENT = new Set([
  'id',
  'run_id',
  'field_id',
  'cell_id',
  'specimen_id',
  'revision',
  'committed_at',
  'started_at',
  'finished_at',
  'created_at',
  'scanning_ms',
  'first_field_ms',
])

type Row = Record<string, unknown>

/** What must be the same in two data folders with one finished run each. */
const QUERIES = {
  run: 'SELECT * FROM run ORDER BY id',
  fields: 'SELECT * FROM field ORDER BY ordinal',
  cells: 'SELECT cell.*, ordinal FROM cell JOIN field ON field.id = field_id ORDER BY ordinal, cell.id',
  predictions: `SELECT prediction.*, ordinal FROM prediction JOIN cell ON cell.id = cell_id JOIN field ON field.id = field_id
    ORDER BY ordinal, cell.id, model_id`,
  crops: `SELECT crop.*, ordinal FROM crop JOIN cell ON cell.id = cell_id JOIN field ON field.id = field_id
    ORDER BY ordinal, cell.id`,
  stitches: 'SELECT * FROM stitch ORDER BY to_ordinal, from_ordinal',
  'stage errors': 'SELECT * FROM stage_error',
} as const

export interface Comparison {
  /** Rows and files that were compared, by kind. */
  readonly compared: Readonly<Record<string, number>>
  /** Each difference in words; empty: there is none. */
  readonly differences: readonly string[]
}

/** Two data folders, each with the one run: row by row, file by file, byte by byte. */
export function compareRuns(quiet: string, disturbed: string): Comparison {
  const compared: Record<string, number> = {}
  const differences: string[] = []
  const compare = <T>(kind: string, [expected, found]: readonly (readonly T[])[], words: (item: T) => string) => {
    compared[kind] = expected.length
    if (found.length !== expected.length) differences.push(`${kind}: ${found.length} instead of ${expected.length}`)
    for (let i = 0; i < Math.min(expected.length, found.length); i++) {
      const [want, is] = [words(expected[i]), words(found[i])]
      if (want === is) continue
      differences.push(`${kind} ${i}: ${is.slice(0, 300)} instead of ${want.slice(0, 300)}`)
      return
    }
  }
  for (const [kind, query] of Object.entries(QUERIES)) {
    compare(
      kind,
      [quiet, disturbed].map((folder) => rowsOf(folder, query)),
      (row) => JSON.stringify(row),
    )
  }
  compare('slide files', [quiet, disturbed].map(filesOf), ({ path, hash }) => `${path} ${hash}`)
  return { compared, differences }
}

function rowsOf(dataFolder: string, query: string): Row[] {
  const database = new Database(join(dataFolder, 'casebook.sqlite'), { readonly: true })
  try {
    return (database.prepare(query).all() as Row[]).map((row) =>
      Object.fromEntries(
        Object.entries(row)
          .filter(([column]) => !OF_THE_MOMENT.has(column))
          .map(([column, value]) => [column, Buffer.isBuffer(value) ? hashOf(value) : value]),
      ),
    )
  } finally {
    database.close()
  }
}

function filesOf(dataFolder: string): { path: string; hash: string }[] {
  const folder = join(dataFolder, 'slides')
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name)
      return { path: path.slice(folder.length), hash: hashOf(readFileSync(path)) }
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1))
}

const hashOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex').slice(0, 16)

/** What SQLite itself finds wrong with a casebook; empty: nothing. */
export function databaseFindings(dataFolder: string): string[] {
  const database = new Database(join(dataFolder, 'casebook.sqlite'), { readonly: true })
  try {
    const pages = (database.pragma('integrity_check') as { integrity_check: string }[])
      .map((row) => row.integrity_check)
      .filter((finding) => finding !== 'ok')
    return [...pages, ...(database.pragma('foreign_key_check') as Row[]).map((row) => JSON.stringify(row))]
  } finally {
    database.close()
  }
}

/** Committed fields of the one run; 0 also where there is no casebook yet. */
export function fieldsIn(dataFolder: string): number {
  return count(dataFolder, 'SELECT count(*) FROM field')
}

export const hasRun = (dataFolder: string) => count(dataFolder, 'SELECT count(*) FROM run') > 0

export const isFinished = (dataFolder: string) =>
  count(dataFolder, "SELECT count(*) FROM run WHERE state = 'finished'") > 0

function count(dataFolder: string, query: string): number {
  try {
    const database = new Database(join(dataFolder, 'casebook.sqlite'), { readonly: true })
    try {
      return database.prepare(query).pluck().get() as number
    } finally {
      database.close()
    }
  } catch {
    // Killed before the casebook was made.
    return 0
  }
}
