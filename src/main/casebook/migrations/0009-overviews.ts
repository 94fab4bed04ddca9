/**
 * What a smear looked like from place to place before it was scanned, and which area of it a run was told to scan. An overview may be made
 * before there is a case; the first run that names it gives it one.
 *
 * extent, step, focus, pace, place, area: JSON as in the contract and in scan/overview. run.area NULL: what the rig says.
 */
export const sql = `
CREATE TABLE overview (
  id INTEGER PRIMARY KEY,
  slide_id INTEGER REFERENCES slide (id),
  rig TEXT NOT NULL CHECK (json_valid(rig)),
  state TEXT NOT NULL CHECK (state IN ('looking', 'done', 'stopped', 'failed', 'interrupted')),
  failure TEXT,
  extent TEXT NOT NULL CHECK (json_valid(extent)),
  pitch_um REAL NOT NULL,
  pixel_size_um REAL NOT NULL,
  step TEXT NOT NULL CHECK (json_valid(step)),
  planned_places INTEGER NOT NULL,
  focus TEXT,
  pace TEXT,
  started_at TEXT NOT NULL,
  finished_at TEXT,
  CHECK ((state = 'failed') = (failure IS NOT NULL)),
  CHECK ((state = 'looking') = (finished_at IS NULL))
) STRICT;
CREATE INDEX overview_by_slide ON overview (slide_id);

CREATE TABLE overview_place (
  overview_id INTEGER NOT NULL REFERENCES overview (id),
  ordinal INTEGER NOT NULL,
  place TEXT NOT NULL CHECK (json_valid(place)),
  PRIMARY KEY (overview_id, ordinal)
) STRICT, WITHOUT ROWID;

ALTER TABLE run ADD COLUMN overview_id INTEGER REFERENCES overview (id);
ALTER TABLE run ADD COLUMN area TEXT CHECK (area IS NULL OR json_valid(area));
ALTER TABLE run ADD COLUMN scan_order TEXT NOT NULL DEFAULT 'serpentine' CHECK (scan_order IN ('serpentine', 'nearest'));
`
