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

test('runs from before readings were kept have one by the model they were scanned with', () => {
  migrate(database, MIGRATIONS.slice(0, 1))
  database.exec(`
    INSERT INTO specimen (id, accession, kind, created_at) VALUES (1, 'a', 'marrow', 't0');
    INSERT INTO slide (id, specimen_id, stain) VALUES (1, 1, 'MGG');
    INSERT INTO model (id, name, version, sha256, classes) VALUES (7, 'marrow', '1', 'ab', '["NGS"]');
    INSERT INTO run (id, slide_id, model_id, rig, plan, slide_width_px, slide_height_px, pixel_size_um, state, stopped, started_at,
      finished_at) VALUES (1, 1, 7, '{}', '{}', 1, 1, 0.1, 'finished', 'user', 't1', 't2'),
      (2, 1, NULL, '{}', '{}', 1, 1, 0.1, 'finished', 'user', 't3', 't4');
    INSERT INTO field (id, run_id, ordinal, slide_x, slide_y, width_px, height_px, owned_x, owned_y, owned_width, owned_height,
      revision, committed_at) VALUES (1, 1, 0, 0, 0, 1, 1, 0, 0, 1, 1, 1, 't1');
    INSERT INTO cell (id, run_id, field_id, x_px, y_px, width_px, height_px, slide_x, slide_y, score, revision)
      VALUES (1, 1, 1, 0, 0, 1, 1, 0, 0, 1, 2);
    INSERT INTO prediction (cell_id, model_id, class, probability, probabilities) VALUES (1, 7, 'NGS', 1, x'0000803f')`)
  migrate(database, MIGRATIONS)
  expect(database.prepare('SELECT * FROM reading').all()).toEqual([
    {
      run_id: 1,
      model_id: 7,
      source: 'field',
      providers: '["cpu"]',
      unsure_below: null,
      unfamiliar_above: null,
      started_at: 't1',
      finished_at: 't2',
    },
  ])
  expect(database.prepare('SELECT variant, info FROM model').all()).toEqual([{ variant: 'float', info: null }])
  expect(database.prepare('SELECT class, embedding, unfamiliarity FROM prediction').all()).toEqual([
    { class: 'NGS', embedding: null, unfamiliarity: null },
  ])
})

test('runs from before stop rules keep their number of cells and everything that names them', () => {
  migrate(database, MIGRATIONS.slice(0, 2))
  database.exec(`
    INSERT INTO specimen (id, accession, kind, created_at) VALUES (1, 'a', 'marrow', 't0');
    INSERT INTO slide (id, specimen_id, stain) VALUES (1, 1, 'MGG');
    INSERT INTO run (id, slide_id, rig, plan, target_cells, slide_width_px, slide_height_px, pixel_size_um, state, stopped, started_at,
      finished_at, revision) VALUES (3, 1, '{}', '{}', 500, 1, 1, 0.1, 'finished', 'cells', 't1', 't2', 2);
    INSERT INTO field (id, run_id, ordinal, slide_x, slide_y, width_px, height_px, owned_x, owned_y, owned_width, owned_height,
      revision, committed_at) VALUES (1, 3, 0, 0, 0, 1, 1, 0, 0, 1, 1, 1, 't1');
    INSERT INTO cell (id, run_id, field_id, x_px, y_px, width_px, height_px, slide_x, slide_y, score, revision)
      VALUES (1, 3, 1, 0, 0, 1, 1, 0, 0, 1, 2)`)
  migrate(database, MIGRATIONS)
  expect(database.pragma('foreign_keys', { simple: true })).toBe(1)
  expect(database.pragma('foreign_key_check')).toEqual([])
  expect(
    database
      .prepare(
        'SELECT id, target_cells, stop_when, stopped, stopped_by, scanning_ms, first_field_ms, revision FROM run',
      )
      .all(),
  ).toEqual([
    {
      id: 3,
      target_cells: 500,
      stop_when: '[]',
      stopped: 'cells',
      stopped_by: null,
      scanning_ms: 0,
      first_field_ms: null,
      revision: 2,
    },
  ])
  expect(() => database.exec('DELETE FROM run')).toThrowError(/FOREIGN KEY/)
  expect(() => database.exec("UPDATE run SET stopped = 'rule'")).toThrowError(/CHECK/)
  database.exec("UPDATE run SET stopped = 'rule', stopped_by = '[]'")
})

test('a step that leaves a row naming another that is not there is refused', () => {
  migrate(database, TWO_STEPS)
  const orphaning = [...TWO_STEPS, 'INSERT INTO smear VALUES (9, 77)']
  expect(() => migrate(database, orphaning)).toThrowError(/stain that is not there/)
  expect(schemaVersion(database)).toBe(2)
})
