import { sql as first } from './0001-first.ts'
import { sql as readings } from './0002-readings.ts'
import { sql as stopRules } from './0003-stop-rules.ts'
import { sql as searches } from './0004-searches.ts'
import { sql as calibrations } from './0005-calibrations.ts'
import { sql as tallies } from './0006-tallies.ts'
import { sql as fieldGate } from './0007-field-gate.ts'
import { sql as fieldPlaces } from './0008-field-places.ts'
import { sql as overviews } from './0009-overviews.ts'
import { sql as counts } from './0010-counts.ts'
import { sql as fieldFocus } from './0011-field-focus.ts'
import { sql as runFlags } from './0012-run-flags.ts'
import { sql as unlikeFields } from './0013-unlike-fields.ts'
import { sql as firstField } from './0014-first-field.ts'

/** In order; the casebook's version is how many of them it has been through. Published ones are never edited. */
export const MIGRATIONS: readonly string[] = [
  first,
  readings,
  stopRules,
  searches,
  calibrations,
  tallies,
  fieldGate,
  fieldPlaces,
  overviews,
  counts,
  fieldFocus,
  runFlags,
  unlikeFields,
  firstField,
]
