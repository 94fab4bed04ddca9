import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { damaged, newer } from './casebook-errors.ts'
import { migrate, schemaVersion } from './migrate.ts'
import { MIGRATIONS } from './migrations/index.ts'

/** Marks the file as a casebook in SQLite's header ("Mdla"). */
const APPLICATION_ID = 0x4d646c61

/** Checked whenever a casebook is opened: everything but the crops, which are most of the bytes and none of the numbers. */
const CHECKED_TABLES = [
  'patient',
  'specimen',
  'slide',
  'model',
  'run',
  'field',
  'cell',
  'prediction',
  'reading',
  'label_event',
  'search_review',
]

/** Pages of the file kept in memory. */
const CACHE_KIB = 4000

/**
 * Opens or makes the database, checks it, brings it up to date. One of a newer version, or of another program, is left as it
 * is. Other processes may have it open too; a write waits `busyTimeoutMs` for theirs.
 */
export function openDatabase(path: string, busyTimeoutMs: number): Database.Database {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const database = new Database(path, { timeout: busyTimeoutMs })
  try {
    const version = schemaVersion(database)
    if (version > MIGRATIONS.length) throw newer(path, version, MIGRATIONS.length)
    if (version > 0) checkTables(database, path)
    else if (isForeign(database)) throw damaged(path, 'it is a database of another program')
    database.pragma('journal_mode = WAL')
    database.pragma('synchronous = FULL')
    database.pragma('foreign_keys = ON')
    // Of the driver's default of 16 MB a long scan fills the last only after a thousand fields, for a commit as quick as with these.
    database.pragma(`cache_size = -${CACHE_KIB}`)
    if (version < MIGRATIONS.length) {
      database.pragma(`application_id = ${APPLICATION_ID}`)
      migrate(database, MIGRATIONS)
    }
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

function isForeign(database: Database.Database): boolean {
  if (database.pragma('application_id', { simple: true }) === APPLICATION_ID) return false
  return database.prepare('SELECT 1 FROM sqlite_schema').get() !== undefined
}

function checkTables(database: Database.Database, path: string): void {
  if (database.pragma('application_id', { simple: true }) !== APPLICATION_ID) {
    throw damaged(path, 'it is a database of another program')
  }
  const there = new Set(database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all())
  for (const table of CHECKED_TABLES) {
    // One that a later version brought comes with its migration.
    if (!there.has(table)) continue
    const answer = String(database.pragma(`quick_check(${table})`, { simple: true }))
    if (answer !== 'ok') throw damaged(path, answer)
  }
}
