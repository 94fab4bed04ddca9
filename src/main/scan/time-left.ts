import type { CommitPace } from './commit-pace.ts'

export interface LeftToScan {
  readonly pace: Pick<CommitPace, 'msPerField' | 'sinceLastMs'>
  /** Of the whole run: fields committed, and the cells counted in them. */
  readonly fields: number
  readonly counted: number
  /** null: not known. */
  readonly fieldsToGo: number | null
  /** null: no target. */
  readonly cellsToGo: number | null
  /** Until a rule of time; null: there is none. */
  readonly msToGo: number | null
}

/** Seconds until the first of what ends the run, at the pace and the density so far; null: it cannot be told. */
export function secondsLeft({ pace, fields, counted, fieldsToGo, cellsToGo, msToGo }: LeftToScan): number | null {
  const { msPerField, sinceLastMs } = pace
  const time = (toGo: number) => (msPerField === null ? null : toGo * msPerField - sinceLastMs)
  const byFields = fieldsToGo === null ? null : time(fieldsToGo)
  // A run ends with a whole field.
  const byCells = cellsToGo === null || counted === 0 ? null : time(Math.ceil((cellsToGo * fields) / counted))
  const ends = [byFields, byCells, msToGo].filter((ms) => ms !== null)
  return ends.length === 0 ? null : Math.max(0, Math.min(...ends)) / 1000
}
