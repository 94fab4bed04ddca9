/**
 * Where fields lie by what their images say. `field.slide_x` and `slide_y` are the place in force, whole pixels; `place_x` and `place_y` the
 * same with parts of a pixel, from which the next places are worked out. NULL: no stage, or committed before fields were placed.
 */
export const sql = `
ALTER TABLE field ADD COLUMN place_x REAL;
ALTER TABLE field ADD COLUMN place_y REAL;

-- Two fields that were compared, the one committed later as to_ordinal. offset: its place less the other's, as the images say, slide pixels;
-- NULL: they say nothing. score: see Stitch in the contract.
CREATE TABLE stitch (
  run_id INTEGER NOT NULL REFERENCES run (id),
  from_ordinal INTEGER NOT NULL,
  to_ordinal INTEGER NOT NULL,
  offset_x REAL,
  offset_y REAL,
  error_px REAL,
  score REAL NOT NULL,
  PRIMARY KEY (run_id, to_ordinal, from_ordinal),
  FOREIGN KEY (run_id, from_ordinal) REFERENCES field (run_id, ordinal),
  FOREIGN KEY (run_id, to_ordinal) REFERENCES field (run_id, ordinal),
  CHECK (from_ordinal < to_ordinal),
  CHECK ((offset_x IS NULL) = (offset_y IS NULL) AND (offset_y IS NULL) = (error_px IS NULL))
) STRICT, WITHOUT ROWID;

-- What was learned of the stage's error when all places were last solved together, and from how many fields. JSON (StageErrorModel).
CREATE TABLE stage_error (
  run_id INTEGER PRIMARY KEY REFERENCES run (id),
  fields INTEGER NOT NULL,
  model TEXT NOT NULL CHECK (json_valid(model))
) STRICT;
`
