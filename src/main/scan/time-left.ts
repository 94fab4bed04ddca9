export interface ScanPace {
  /** Time spent scanning, without pauses, since this start of the run, ms. */
  readonly activeMs: number
  /** Fields committed and cells counted in that time. */
  readonly fields: number
  readonly counted: number
  /** null: not known. */
  readonly fieldsToGo: number | null
  /** null: no target. */
  readonly cellsToGo: number | null
  /** Until a rule of time; null: there is none. */
  readonly msToGo: number | null
}

/** Seconds until a stop rule ends the run, at the pace so far; null: it cannot be told (fewer than two fields, or no end known). */
export function secondsLeft(pace: ScanPace): number | null {
  if (pace.fields < 2) return null
  const msPerField = pace.activeMs / pace.fields
  const byFields = pace.fieldsToGo === null ? null : pace.fieldsToGo * msPerField
  const byCells = pace.cellsToGo === null || pace.counted === 0 ? null : (pace.cellsToGo * pace.activeMs) / pace.counted
  const ends = [byFields, byCells, pace.msToGo].filter((ms) => ms !== null)
  return ends.length === 0 ? null : Math.max(0, Math.min(...ends)) / 1000
}
