/**
 * Patients, specimens, slides, runs, fields, cells, predictions, crops and labels.
 *
 * Cells carry `machine_class`, `current_class` and `reader` although predictions and label events say the same: every count
 * the window shows ten times a second is a group-by over them, from one covering index. They change only in the transaction
 * that writes the prediction or the event, and `check` compares them.
 *
 * `run.revision` is the run's counter: each inserted field, inserted cell and changed cell takes the next number, so
 * "what is newer than N" is a range of an index, and no two rows of a run share a number.
 */
export const sql = `
CREATE TABLE patient (
  id INTEGER PRIMARY KEY,
  name TEXT,
  birth_year INTEGER,
  sex TEXT CHECK (sex IN ('F', 'M', 'X'))
) STRICT;

CREATE TABLE specimen (
  id INTEGER PRIMARY KEY,
  patient_id INTEGER REFERENCES patient (id),
  accession TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;

CREATE TABLE slide (
  id INTEGER PRIMARY KEY,
  specimen_id INTEGER NOT NULL REFERENCES specimen (id),
  stain TEXT NOT NULL
) STRICT;
CREATE INDEX slide_by_specimen ON slide (specimen_id);

CREATE TABLE model (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  version TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  classes TEXT NOT NULL,
  UNIQUE (sha256, name, version)
) STRICT;

CREATE TABLE run (
  id INTEGER PRIMARY KEY,
  slide_id INTEGER NOT NULL REFERENCES slide (id),
  model_id INTEGER REFERENCES model (id),
  rig TEXT NOT NULL,
  plan TEXT NOT NULL,
  target_cells INTEGER,
  planned_fields INTEGER,
  slide_width_px INTEGER NOT NULL,
  slide_height_px INTEGER NOT NULL,
  pixel_size_um REAL NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('scanning', 'paused', 'finished', 'failed', 'interrupted')),
  stopped TEXT CHECK (stopped IN ('cells', 'region', 'user')),
  failure TEXT,
  started_at TEXT NOT NULL,
  finished_at TEXT,
  revision INTEGER NOT NULL DEFAULT 0,
  CHECK ((state = 'finished') = (stopped IS NOT NULL)),
  CHECK ((state = 'finished') = (finished_at IS NOT NULL)),
  CHECK ((state = 'failed') = (failure IS NOT NULL))
) STRICT;
CREATE INDEX run_by_slide ON run (slide_id);

CREATE TABLE field (
  id INTEGER PRIMARY KEY,
  run_id INTEGER NOT NULL REFERENCES run (id),
  ordinal INTEGER NOT NULL,
  slide_x REAL NOT NULL,
  slide_y REAL NOT NULL,
  width_px INTEGER NOT NULL,
  height_px INTEGER NOT NULL,
  owned_x REAL NOT NULL,
  owned_y REAL NOT NULL,
  owned_width REAL NOT NULL,
  owned_height REAL NOT NULL,
  stage_x_um REAL,
  stage_y_um REAL,
  stage_z_um REAL,
  image TEXT,
  revision INTEGER NOT NULL,
  committed_at TEXT NOT NULL,
  UNIQUE (run_id, ordinal),
  CHECK ((stage_x_um IS NULL) = (stage_y_um IS NULL) AND (stage_y_um IS NULL) = (stage_z_um IS NULL))
) STRICT;
CREATE UNIQUE INDEX field_by_revision ON field (run_id, revision);

CREATE TABLE cell (
  id INTEGER PRIMARY KEY,
  run_id INTEGER NOT NULL REFERENCES run (id),
  field_id INTEGER NOT NULL REFERENCES field (id),
  x_px REAL NOT NULL,
  y_px REAL NOT NULL,
  width_px REAL NOT NULL,
  height_px REAL NOT NULL,
  slide_x REAL NOT NULL,
  slide_y REAL NOT NULL,
  score REAL NOT NULL,
  machine_class TEXT,
  current_class TEXT,
  reader TEXT,
  revision INTEGER NOT NULL
) STRICT;
CREATE INDEX cell_by_field ON cell (field_id);
CREATE UNIQUE INDEX cell_by_revision ON cell (run_id, revision);
CREATE INDEX cell_by_place ON cell (run_id, slide_x, slide_y);
CREATE INDEX cell_by_class ON cell (run_id, current_class, machine_class, reader);

-- probabilities: float32, little endian, in the order of the model's classes.
CREATE TABLE prediction (
  cell_id INTEGER NOT NULL REFERENCES cell (id),
  model_id INTEGER NOT NULL REFERENCES model (id),
  class TEXT NOT NULL,
  probability REAL NOT NULL,
  probabilities BLOB NOT NULL,
  PRIMARY KEY (cell_id, model_id)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER prediction_stays BEFORE UPDATE ON prediction BEGIN
  SELECT RAISE(ABORT, 'what the machine said is not changed');
END;

CREATE TABLE crop (
  cell_id INTEGER PRIMARY KEY REFERENCES cell (id),
  jpeg BLOB NOT NULL
) STRICT;

-- The audit chain. 'label' gives a label; 'undo' takes the newest one back that still stands.
CREATE TABLE label_event (
  id INTEGER PRIMARY KEY,
  cell_id INTEGER NOT NULL REFERENCES cell (id),
  kind TEXT NOT NULL CHECK (kind IN ('label', 'undo')),
  takes_back INTEGER UNIQUE REFERENCES label_event (id),
  reader TEXT NOT NULL,
  at TEXT NOT NULL,
  from_class TEXT,
  to_class TEXT,
  why TEXT,
  previous_hash TEXT NOT NULL,
  hash TEXT NOT NULL,
  CHECK ((kind = 'undo') = (takes_back IS NOT NULL)),
  CHECK (kind = 'undo' OR to_class IS NOT NULL)
) STRICT;
CREATE INDEX label_event_by_cell ON label_event (cell_id, id);
CREATE TRIGGER label_event_no_update BEFORE UPDATE ON label_event BEGIN
  SELECT RAISE(ABORT, 'label events are never changed');
END;
CREATE TRIGGER label_event_no_delete BEFORE DELETE ON label_event BEGIN
  SELECT RAISE(ABORT, 'label events are never deleted');
END;
-- INSERT OR REPLACE would delete without the trigger above.
CREATE TRIGGER label_event_only_at_end BEFORE INSERT ON label_event
WHEN EXISTS (SELECT 1 FROM label_event WHERE id >= NEW.id) BEGIN
  SELECT RAISE(ABORT, 'label events are only ever added at the end');
END;
`
