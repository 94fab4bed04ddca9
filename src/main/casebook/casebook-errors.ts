import { accessSync, constants, statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { MedullaError } from '../../shared/errors.ts'
import { dataUnwritable, diskError, diskFull } from '../disk-errors.ts'

/** An I/O error with less room than this left is taken for a full disk: SQLite reports some of those without saying so. */
const HARDLY_ANY_BYTES = 256 * 1024

/** What an error of SQLite or the file system means to a person; errors that mean nothing to them come back as they are. */
export function casebookError(error: unknown, path: string): unknown {
  if (!(error instanceof Database.SqliteError)) return diskError(error, path) ?? error
  const code = error.code
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) return locked(path, error)
  if (code === 'SQLITE_FULL') return diskFull(path, error)
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') return damaged(path, error.message, error)
  if (/^SQLITE_(IOERR|READONLY|CANTOPEN|PERM|AUTH)/.test(code)) {
    return isWritable(dirname(path)) && hardlyAnyRoom(path) ? diskFull(path, error) : dataUnwritable(path, error)
  }
  return error
}

/** The same call, its errors translated. */
export function guarded<A extends unknown[], R>(path: string, call: (...args: A) => R): (...args: A) => R {
  return (...args) => {
    try {
      return call(...args)
    } catch (error) {
      throw casebookError(error, path)
    }
  }
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}

function hardlyAnyRoom(path: string): boolean {
  try {
    const volume = statfsSync(dirname(path))
    return volume.bavail * volume.bsize < HARDLY_ANY_BYTES
  } catch {
    return false
  }
}

function locked(path: string, cause: unknown): MedullaError {
  return new MedullaError(
    'casebook-locked',
    `Another program holds the casebook ${path}.`,
    {
      remedy: 'Close the other program that has it open (a backup, a database viewer), then try again.',
      values: { path },
    },
    { cause },
  )
}

export function damaged(path: string, what: string, cause?: unknown): MedullaError {
  return new MedullaError(
    'casebook-damaged',
    `The casebook ${path} is damaged: ${what}.`,
    {
      remedy:
        'Move the file (with its -wal and -shm companions) aside and put a backup in its place; keep the damaged one.',
      values: { path },
    },
    { cause },
  )
}

export function newer(path: string, found: number, known: number): MedullaError {
  return new MedullaError(
    'casebook-newer',
    `The casebook ${path} was written by a newer Medulla (casebook version ${found}; this one knows ${known}). It was left as it is.`,
    { remedy: 'Update Medulla, or choose another data folder with --data.', values: { path, found, known } },
  )
}
