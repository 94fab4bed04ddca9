import type Database from 'better-sqlite3'

/**
 * Brings a database to the version of the list, each step in a transaction of its own with the new `user_version`, so that an
 * interrupted migration goes on where it stopped. Returns the version it found.
 */
export function migrate(database: Database.Database, migrations: readonly string[]): number {
  const found = schemaVersion(database)
  // The version is read again under the write lock: another process may have taken the step meanwhile.
  const step = database.transaction((version: number, sql: string) => {
    if (schemaVersion(database) !== version - 1) return
    database.exec(sql)
    const broken = database.pragma('foreign_key_check') as { table: string; parent: string }[]
    if (broken.length > 0) throw new Error(`${broken[0].table} names a ${broken[0].parent} that is not there`)
    database.pragma(`user_version = ${version}`)
  })
  // A step may put a table in the place of another, which keys enforced meanwhile do not survive; they cannot be let go inside a transaction.
  const enforced = database.pragma('foreign_keys', { simple: true })
  database.pragma('foreign_keys = OFF')
  try {
    for (let version = found + 1; version <= migrations.length; version++)
      step.immediate(version, migrations[version - 1])
  } finally {
    database.pragma(`foreign_keys = ${enforced}`)
  }
  return found
}

/** How many migrations the database has been through; 0: none. */
export function schemaVersion(database: Database.Database): number {
  return Number(database.pragma('user_version', { simple: true }))
}
