/**
 * Time spent scanning until the first field was there, ms: what a run needs once, before its fields come at their pace. NULL: there is none yet, or it was
 * not kept.
 */
export const sql = `
ALTER TABLE run ADD COLUMN first_field_ms INTEGER CHECK (first_field_ms >= 0);
`
