/**
 * How good each field is, and which of them do not count. What the gate said when a field was committed stays beside what people did since: each
 * leaving out and bringing back is an event that stays, chained like the label events.
 *
 * Fields and cells carry `left_out` although the field's newest event, or the gate, says the same: every count is a group-by over one covering
 * index. It changes only in the transaction that writes the field or the event, and `check` compares them.
 */
export const sql = `
-- quality: JSON (FieldQuality in the contract); NULL: not measured. gate_reason, gate_words: why the gate left it out; NULL: it did not.
ALTER TABLE field ADD COLUMN quality TEXT CHECK (json_valid(quality));
ALTER TABLE field ADD COLUMN gate_reason TEXT;
ALTER TABLE field ADD COLUMN gate_words TEXT CHECK ((gate_words IS NULL) = (gate_reason IS NULL));
ALTER TABLE field ADD COLUMN left_out INTEGER NOT NULL DEFAULT 0 CHECK (left_out IN (0, 1));

ALTER TABLE cell ADD COLUMN left_out INTEGER NOT NULL DEFAULT 0 CHECK (left_out IN (0, 1));
DROP INDEX cell_by_class;
CREATE INDEX cell_by_class ON cell (run_id, left_out, current_class, machine_class, reader);

-- reason, words: of a leaving out; NULL: it was brought back.
CREATE TABLE field_event (
  id INTEGER PRIMARY KEY,
  field_id INTEGER NOT NULL REFERENCES field (id),
  kind TEXT NOT NULL CHECK (kind IN ('leave-out', 'bring-back')),
  reader TEXT NOT NULL,
  at TEXT NOT NULL,
  reason TEXT,
  words TEXT,
  why TEXT,
  previous_hash TEXT NOT NULL,
  hash TEXT NOT NULL,
  CHECK ((kind = 'leave-out') = (reason IS NOT NULL) AND (reason IS NULL) = (words IS NULL))
) STRICT;
CREATE INDEX field_event_by_field ON field_event (field_id, id);
CREATE TRIGGER field_event_no_update BEFORE UPDATE ON field_event BEGIN
  SELECT RAISE(ABORT, 'field events are never changed');
END;
CREATE TRIGGER field_event_no_delete BEFORE DELETE ON field_event BEGIN
  SELECT RAISE(ABORT, 'field events are never deleted');
END;
CREATE TRIGGER field_event_only_at_end BEFORE INSERT ON field_event
WHEN EXISTS (SELECT 1 FROM field_event WHERE id >= NEW.id) BEGIN
  SELECT RAISE(ABORT, 'field events are only ever added at the end');
END;
`
