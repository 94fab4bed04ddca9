import Database from 'better-sqlite3'
import { beforeEach, expect, test } from 'vitest'
import { migrate, schemaVersion } from './migrate.ts'
import { MIGRATIONS } from './migrations/index.ts'

const TWO_STEPS = [
  'CREATE TABLE smear (id INTEGER PRIMARY KEY, stain TEXT NOT NULL) STRICT',
  `CREATE TABLE stain (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
   INSERT INTO stain (name) SELECT DISTINCT stain FROM smear ORDER BY stain;
   CREATE TABLE smear_new (id INTEGER PRIMARY KEY, stain_id INTEGER NOT NULL REFERENCES stain (id)) STRICT;
   INSERT INTO smear_new SELECT smear.id, stain.id FROM smear JOIN stain ON name = smear.stain;
   DROP TABLE smear;
   ALTER TABLE smear_new RENAME TO smear`,
]

let database: Database.Database
beforeEach(() => {
  database = new Database(':memory:')
})

const table = (name: string) => database.prepare(`SELECT * FROM ${name} ORDER BY id`).all()

test('a database written by the first version keeps every row', () => {
  expect(migrate(database, TWO_STEPS.slice(0, 1))).toBe(0)
  const insert = database.prepare('INSERT INTO smear (stain) VALUES (?)')
  for (const stain of ['Pappenheim', 'Wright', 'Pappenheim']) insert.run(stain)

  expect(migrate(database, TWO_STEPS)).toBe(1)
  expect(schemaVersion(database)).toBe(2)
  expect(table('stain')).toEqual([
    { id: 1, name: 'Pappenheim' },
    { id: 2, name: 'Wright' },
  ])
  expect(table('smear')).toEqual([
    { id: 1, stain_id: 1 },
    { id: 2, stain_id: 2 },
    { id: 3, stain_id: 1 },
  ])
  expect(migrate(database, TWO_STEPS)).toBe(2)
})

test('a step that fails leaves the step before it, whole', () => {
  const broken = [TWO_STEPS[0], `${TWO_STEPS[1]}; INSERT INTO nowhere VALUES (1)`]
  expect(() => migrate(database, broken)).toThrowError(/nowhere/)
  expect(schemaVersion(database)).toBe(1)
  expect(table('smear')).toEqual([])
  expect(() => table('stain')).toThrowError(/no such table/)
  migrate(database, TWO_STEPS)
  expect(schemaVersion(database)).toBe(2)
})

test('every published migration runs on what the ones before it left', () => {
  for (let version = 1; version <= MIGRATIONS.length; version++) migrate(database, MIGRATIONS.slice(0, version))
  expect(schemaVersion(database)).toBe(MIGRATIONS.length)
  expect(database.pragma('foreign_key_check')).toEqual([])
  const loose = database
    .prepare(
      "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT strict AND name NOT LIKE 'sqlite_%'",
    )
    .all()
  expect(loose).toEqual([])
})
