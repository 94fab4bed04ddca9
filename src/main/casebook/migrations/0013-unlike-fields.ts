/**
 * Two fields that were compared, and show different things where they should overlap, plenty of it: see Stitch in the contract. Of those from
 * before, it is not known of any.
 */
export const sql = `
ALTER TABLE stitch ADD COLUMN unlike INTEGER NOT NULL DEFAULT 0 CHECK (unlike IN (0, 1) AND (unlike = 0 OR offset_x IS NULL));
`
