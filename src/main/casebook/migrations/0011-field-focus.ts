/** How fields came to their focus that were blurred at first: what a resumed scan expects of the next field goes by it. */
export const sql = `
-- JSON (FieldFocus in the contract); NULL: one exposure did.
ALTER TABLE field ADD COLUMN focus TEXT CHECK (json_valid(focus));
`
