import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { MedullaError } from '../../shared/errors.ts'
import { guarded } from './casebook-errors.ts'

/** Long enough for a bench that is just closing to let go. */
const WAIT_MS = 500

export interface BenchLock {
  release(): void
}

/**
 * The exclusive right to scan in a data folder: an open exclusive transaction on the otherwise empty `bench.lock`. The
 * operating system drops it with the process, however that ends, so there is no stale lock to clear away.
 * Throws `run-active` where another process (or this one) holds it, `data-unwritable`, `disk-full`.
 */
export function acquireBenchLock(dataFolder: string): BenchLock {
  const path = join(dataFolder, 'bench.lock')
  return guarded(path, () => {
    mkdirSync(dataFolder, { recursive: true, mode: 0o700 })
    const database = new Database(path, { timeout: WAIT_MS })
    try {
      database.exec('BEGIN EXCLUSIVE')
    } catch (error) {
      database.close()
      const busy = error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')
      throw busy ? held(dataFolder, error) : error
    }
    return { release: () => database.close() }
  })()
}

function held(dataFolder: string, cause: unknown): MedullaError {
  return new MedullaError(
    'run-active',
    `Another Medulla is scanning into ${dataFolder}.`,
    {
      remedy:
        'Wait for that scan to end or stop it, close the other Medulla, or choose another data folder with --data.',
      values: { dataFolder },
    },
    { cause },
  )
}
