/**
 * A reading is what one model said of a run's cells. The first is the one the run was scanned with; a case read again by another
 * model has more, side by side.
 *
 * `model.info` keeps what the package said of itself (evidence, confusion matrix, card) for as long as its counts are shown: the
 * package may be gone by then. The limits below which a cell is unsure and above which it is unfamiliar belong to the reading, so
 * that a reading means later what it meant when it was made.
 */
export const sql = `
-- variant: which of the package's graphs. info: JSON (ModelInfo in the contract); NULL: recorded before there was any.
ALTER TABLE model ADD COLUMN variant TEXT NOT NULL DEFAULT 'float' CHECK (variant IN ('float', 'int8'));
ALTER TABLE model ADD COLUMN info TEXT;

-- embedding: float16, little endian; NULL: the model gives none. unfamiliarity NULL: the model cannot tell.
ALTER TABLE prediction ADD COLUMN unfamiliarity REAL;
ALTER TABLE prediction ADD COLUMN embedding BLOB;

-- source: where the pixels came from: the camera's field, the crops kept for people, the tiles of the slide.
-- providers: JSON array of the execution providers it ran on, in the order of their use.
-- unsure_below, unfamiliar_above NULL: the model states no such limit.
CREATE TABLE reading (
  run_id INTEGER NOT NULL REFERENCES run (id),
  model_id INTEGER NOT NULL REFERENCES model (id),
  source TEXT NOT NULL CHECK (source IN ('field', 'crop', 'slide')),
  providers TEXT NOT NULL,
  unsure_below REAL,
  unfamiliar_above REAL,
  started_at TEXT NOT NULL,
  finished_at TEXT,
  PRIMARY KEY (run_id, model_id)
) STRICT, WITHOUT ROWID;

-- Until now every model ran on the processor and stated no limit.
INSERT INTO reading (run_id, model_id, source, providers, started_at, finished_at)
SELECT id, model_id, 'field', '["cpu"]', started_at, finished_at FROM run WHERE model_id IS NOT NULL;
`
