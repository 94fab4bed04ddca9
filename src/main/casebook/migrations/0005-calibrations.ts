/**
 * What was measured of the microscopes of this bench, and how sharp each field is. A calibration is never changed: the newest of its rig,
 * objective and kind is in use, and a run's plan names those it was made with. It lives in the casebook rather than in files of its own,
 * so that it is written whole or not at all, and a copy of the casebook tells how its images came about.
 */
export const sql = `
-- objective '': the rig has but one, or nobody said which. result: JSON (CalibrationResult in the contract), its kind beside it.
CREATE TABLE calibration (
  id INTEGER PRIMARY KEY,
  rig TEXT NOT NULL,
  objective TEXT NOT NULL,
  kind TEXT NOT NULL,
  measured_at TEXT NOT NULL,
  result TEXT NOT NULL CHECK (json_valid(result))
) STRICT;
CREATE INDEX calibration_of_rig ON calibration (rig, objective, kind, id);

CREATE TRIGGER calibration_is_kept BEFORE UPDATE ON calibration
BEGIN SELECT raise(ABORT, 'a calibration is never changed'); END;
CREATE TRIGGER calibration_stays BEFORE DELETE ON calibration
BEGIN SELECT raise(ABORT, 'a calibration is never deleted'); END;

-- NULL: committed before it was kept.
ALTER TABLE field ADD COLUMN focus_score REAL;
`
