/**
 * What a run may stop by, beside a plain number of cells. `run` is made anew, because a table's checks cannot be changed.
 *
 * stop_when: JSON (StopWhen in the contract), without the plain number of cells, which stays in target_cells. stopped_by: JSON, the rules that
 * ended it and where they stood (RuleStanding); NULL: it was not ended by such rules. scanning_ms: time spent scanning until the newest field, without
 * pauses; 0 for runs from before it was kept.
 */
export const sql = `
CREATE TABLE run_new (
  id INTEGER PRIMARY KEY,
  slide_id INTEGER NOT NULL REFERENCES slide (id),
  model_id INTEGER REFERENCES model (id),
  rig TEXT NOT NULL,
  plan TEXT NOT NULL,
  target_cells INTEGER,
  stop_when TEXT NOT NULL DEFAULT '[]',
  planned_fields INTEGER,
  slide_width_px INTEGER NOT NULL,
  slide_height_px INTEGER NOT NULL,
  pixel_size_um REAL NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('scanning', 'paused', 'finished', 'failed', 'interrupted')),
  stopped TEXT CHECK (stopped IN ('cells', 'rule', 'region', 'user')),
  stopped_by TEXT,
  failure TEXT,
  started_at TEXT NOT NULL,
  finished_at TEXT,
  scanning_ms INTEGER NOT NULL DEFAULT 0,
  revision INTEGER NOT NULL DEFAULT 0,
  CHECK ((state = 'finished') = (stopped IS NOT NULL)),
  CHECK ((state = 'finished') = (finished_at IS NOT NULL)),
  CHECK ((state = 'failed') = (failure IS NOT NULL)),
  CHECK ((stopped IS 'rule') = (stopped_by IS NOT NULL))
) STRICT;
INSERT INTO run_new (id, slide_id, model_id, rig, plan, target_cells, planned_fields, slide_width_px, slide_height_px, pixel_size_um, state,
  stopped, failure, started_at, finished_at, revision)
SELECT id, slide_id, model_id, rig, plan, target_cells, planned_fields, slide_width_px, slide_height_px, pixel_size_um, state, stopped, failure,
  started_at, finished_at, revision FROM run;
DROP TABLE run;
ALTER TABLE run_new RENAME TO run;
CREATE INDEX run_by_slide ON run (slide_id);
`
