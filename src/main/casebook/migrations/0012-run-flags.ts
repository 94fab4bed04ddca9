/** What changed in the course of a run that a person should know of: drift of light or stain, told once each. Committed with the field that made it sure. */
export const sql = `
CREATE TABLE run_flag (
  run_id INTEGER NOT NULL REFERENCES run (id),
  kind TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  words TEXT NOT NULL,
  PRIMARY KEY (run_id, kind)
) STRICT, WITHOUT ROWID;
`
