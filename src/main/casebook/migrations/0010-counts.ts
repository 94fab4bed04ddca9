/**
 * How many fields and cells a run has, by what they are counted by. Every panel and every stop rule asks after each field; counting the cells anew each time
 * takes as long as the run is, so that the last field of a long one cost ten times what the first did.
 *
 * Triggers keep the numbers in the transaction that changes a field or a cell, whoever changes it; \`check\` counts anew and compares. A class
 * of '' stands for none, as a key cannot be NULL.
 */
export const sql = `
CREATE TABLE field_count (
  run_id INTEGER NOT NULL REFERENCES run (id),
  left_out INTEGER NOT NULL,
  fields INTEGER NOT NULL,
  PRIMARY KEY (run_id, left_out)
) STRICT, WITHOUT ROWID;
INSERT INTO field_count SELECT run_id, left_out, count(*) FROM field GROUP BY run_id, left_out;

CREATE TABLE cell_count (
  run_id INTEGER NOT NULL REFERENCES run (id),
  left_out INTEGER NOT NULL,
  machine_class TEXT NOT NULL,
  current_class TEXT NOT NULL,
  is_read INTEGER NOT NULL,
  cells INTEGER NOT NULL,
  PRIMARY KEY (run_id, left_out, machine_class, current_class, is_read)
) STRICT, WITHOUT ROWID;
INSERT INTO cell_count
  SELECT run_id, left_out, coalesce(machine_class, ''), coalesce(current_class, ''), reader IS NOT NULL AS is_read, count(*)
  FROM cell GROUP BY 1, 2, 3, 4, 5;

CREATE TRIGGER field_is_counted AFTER INSERT ON field BEGIN
  ${counted('field', 'NEW', 1)}
END;
CREATE TRIGGER field_counts_anew AFTER UPDATE OF run_id, left_out ON field BEGIN
  ${counted('field', 'OLD', -1)}
  ${counted('field', 'NEW', 1)}
END;
CREATE TRIGGER field_counts_no_more AFTER DELETE ON field BEGIN
  ${counted('field', 'OLD', -1)}
END;
CREATE TRIGGER cell_is_counted AFTER INSERT ON cell BEGIN
  ${counted('cell', 'NEW', 1)}
END;
CREATE TRIGGER cell_counts_anew AFTER UPDATE OF run_id, left_out, machine_class, current_class, reader ON cell BEGIN
  ${counted('cell', 'OLD', -1)}
  ${counted('cell', 'NEW', 1)}
END;
CREATE TRIGGER cell_counts_no_more AFTER DELETE ON cell BEGIN
  ${counted('cell', 'OLD', -1)}
END;
`

function counted(table: 'field' | 'cell', row: 'OLD' | 'NEW', by: 1 | -1): string {
  const keys =
    table === 'field'
      ? `${row}.run_id, ${row}.left_out`
      : `${row}.run_id, ${row}.left_out, coalesce(${row}.machine_class, ''), coalesce(${row}.current_class, ''), ${row}.reader IS NOT NULL`
  return `INSERT INTO ${table}_count VALUES (${keys}, ${by}) ON CONFLICT DO UPDATE SET ${table}s = ${table}s + excluded.${table}s;`
}
