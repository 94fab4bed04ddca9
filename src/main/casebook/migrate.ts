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
    database.pragma(`user_version = ${version}`)
  })
  for (let version = found + 1; version <= migrations.length; version++)
    step.immediate(version, migrations[version - 1])
  return found
}

/** How many migrations the database has been through; 0: none. */
export function schemaVersion(database: Database.Database): number {
  return Number(database.pragma('user_version', { simple: true }))
}
