/**
 * That a person has looked at every candidate of a class: who, when, and which cells these were, so that later ones are not taken for looked at.
 *
 * model_id: whose candidates; NULL: no model was there. cell_ids: JSON array, ascending. found: those of them that are of the class, as labelled then. Never changed.
 */
export const sql = `
CREATE TABLE search_review (
  id INTEGER PRIMARY KEY,
  run_id INTEGER NOT NULL REFERENCES run (id),
  model_id INTEGER REFERENCES model (id),
  class TEXT NOT NULL,
  at_least REAL,
  reader TEXT NOT NULL,
  at TEXT NOT NULL,
  counted INTEGER NOT NULL,
  cell_ids TEXT NOT NULL,
  found INTEGER NOT NULL
) STRICT;
CREATE INDEX search_review_by_run ON search_review (run_id, class);
CREATE TRIGGER search_review_no_update BEFORE UPDATE ON search_review BEGIN
  SELECT RAISE(ABORT, 'what a person signed is never changed');
END;
CREATE TRIGGER search_review_no_delete BEFORE DELETE ON search_review BEGIN
  SELECT RAISE(ABORT, 'what a person signed is never deleted');
END;
CREATE TRIGGER search_review_only_at_end BEFORE INSERT ON search_review
WHEN EXISTS (SELECT 1 FROM search_review WHERE id >= NEW.id) BEGIN
  SELECT RAISE(ABORT, 'reviews are only ever added at the end');
END;
`
