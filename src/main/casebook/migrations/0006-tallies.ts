/**
 * Cells counted by hand. A sitting is one person's count on a case's slide; a view is a place that cells were counted at; each key pressed is
 * an event, and taking one back is another: chained as label events are. What the machine counted is in the ledger of counted areas through
 * its fields, which lie on the slide already.
 *
 * frame_rig NULL: the places of the sitting are not known. A view's area is on the stage's own axes, micrometres; NULL: not known.
 */
export const sql = `
CREATE TABLE sitting (
  id INTEGER PRIMARY KEY,
  slide_id INTEGER NOT NULL REFERENCES slide (id),
  reader TEXT NOT NULL,
  purpose TEXT NOT NULL CHECK (purpose IN ('add', 'compare')),
  place TEXT NOT NULL CHECK (place IN ('live', 'slide', 'none')),
  run_id INTEGER REFERENCES run (id),
  frame_rig TEXT,
  frame_objective TEXT,
  target_cells INTEGER,
  started_at TEXT NOT NULL,
  CHECK ((place = 'slide') = (run_id IS NOT NULL)),
  CHECK (place != 'none' OR frame_rig IS NULL)
) STRICT;
CREATE INDEX sitting_by_slide ON sitting (slide_id);

CREATE TABLE sitting_view (
  id INTEGER PRIMARY KEY,
  sitting_id INTEGER NOT NULL REFERENCES sitting (id),
  x_um REAL,
  y_um REAL,
  width_um REAL,
  height_um REAL,
  at TEXT NOT NULL,
  CHECK ((x_um IS NULL) = (y_um IS NULL) AND (x_um IS NULL) = (width_um IS NULL) AND (x_um IS NULL) = (height_um IS NULL))
) STRICT;
CREATE INDEX sitting_view_by_sitting ON sitting_view (sitting_id, id);

-- 'count' adds a cell; 'undo' takes back the newest one of the sitting that stands.
CREATE TABLE tally_event (
  id INTEGER PRIMARY KEY,
  sitting_id INTEGER NOT NULL REFERENCES sitting (id),
  view_id INTEGER NOT NULL REFERENCES sitting_view (id),
  kind TEXT NOT NULL CHECK (kind IN ('count', 'undo')),
  takes_back INTEGER UNIQUE REFERENCES tally_event (id),
  class TEXT NOT NULL,
  at TEXT NOT NULL,
  previous_hash TEXT NOT NULL,
  hash TEXT NOT NULL,
  CHECK ((kind = 'undo') = (takes_back IS NOT NULL))
) STRICT;
CREATE INDEX tally_event_by_sitting ON tally_event (sitting_id, id);

-- Somebody said that the slide was taken off or moved: places from before and after are not compared.
CREATE TABLE slide_moved (
  id INTEGER PRIMARY KEY,
  slide_id INTEGER NOT NULL REFERENCES slide (id),
  reader TEXT NOT NULL,
  at TEXT NOT NULL
) STRICT;
CREATE INDEX slide_moved_by_slide ON slide_moved (slide_id, id);

${['sitting', 'sitting_view', 'tally_event', 'slide_moved']
  .map(
    (table) => `
CREATE TRIGGER ${table}_no_update BEFORE UPDATE ON ${table} BEGIN
  SELECT RAISE(ABORT, 'what was counted by hand is never changed');
END;
CREATE TRIGGER ${table}_no_delete BEFORE DELETE ON ${table} BEGIN
  SELECT RAISE(ABORT, 'what was counted by hand is never deleted');
END;
-- INSERT OR REPLACE would delete without the trigger above.
CREATE TRIGGER ${table}_only_at_end BEFORE INSERT ON ${table}
WHEN EXISTS (SELECT 1 FROM ${table} WHERE id >= NEW.id) BEGIN
  SELECT RAISE(ABORT, 'what was counted by hand is only ever added to at the end');
END;`,
  )
  .join('\n')}
`
