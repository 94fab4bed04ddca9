import { createHash } from 'node:crypto'
import type Database from 'better-sqlite3'

/** A row of `label_event`. */
export interface LabelEvent {
  readonly id: number
  readonly cell_id: number
  readonly kind: 'label' | 'undo'
  /** The label event an undo takes back. */
  readonly takes_back: number | null
  readonly reader: string
  readonly at: string
  readonly from_class: string | null
  readonly to_class: string | null
  readonly why: string | null
  readonly previous_hash: string
  readonly hash: string
}

/** What the first event names as its predecessor. */
export const CHAIN_START = '0'.repeat(64)

/** SHA-256, lower case hex, of the event's content as a JSON array in this order, the predecessor's hash last. */
export function eventHash(event: Omit<LabelEvent, 'hash'>): string {
  const { id, cell_id, kind, takes_back, reader, at, from_class, to_class, why, previous_hash } = event
  const content = JSON.stringify([id, cell_id, kind, takes_back, reader, at, from_class, to_class, why, previous_hash])
  return createHash('sha256').update(content).digest('hex')
}

/**
 * Follows the chain from its start; one sentence for each event that was changed, taken out or put in. Events cut off at the
 * end leave a sound chain, but cells whose label no event explains: those are named too.
 */
export function checkChain(database: Database.Database): string[] {
  const findings: string[] = []
  const events = database.prepare<[], LabelEvent>('SELECT * FROM label_event ORDER BY id')
  let previous = CHAIN_START
  let expectedId = 1
  for (const event of events.iterate()) {
    if (event.id !== expectedId) findings.push(`label events ${expectedId} to ${event.id - 1} are missing`)
    if (event.previous_hash !== previous) findings.push(`label event ${event.id} does not follow the one before it`)
    if (event.hash !== eventHash(event)) findings.push(`label event ${event.id} was changed after it was written`)
    previous = event.hash
    expectedId = event.id + 1
  }
  return findings
}

/** Cells whose kept label disagrees with what the machine and the label events say. */
export function checkLabels(database: Database.Database): string[] {
  const wrongClass = database
    .prepare<[], number>(`
      SELECT cell.id FROM cell
      WHERE current_class IS NOT coalesce(
        (SELECT to_class FROM label_event WHERE cell_id = cell.id ORDER BY id DESC LIMIT 1), machine_class)
      ORDER BY cell.id LIMIT 20`)
    .pluck()
  const wrongReader = database
    .prepare<[], number>(`
      SELECT cell.id FROM cell WHERE reader IS NOT (
        SELECT reader FROM label_event given WHERE given.cell_id = cell.id AND kind = 'label'
        AND NOT EXISTS (SELECT 1 FROM label_event undo WHERE undo.takes_back = given.id)
        ORDER BY given.id DESC LIMIT 1)
      ORDER BY cell.id LIMIT 20`)
    .pluck()
  const wrongMachine = database
    .prepare<[], number>(`
      SELECT cell.id FROM cell JOIN run ON run.id = run_id
      WHERE machine_class IS NOT
        (SELECT class FROM prediction WHERE cell_id = cell.id AND prediction.model_id = run.model_id)
      ORDER BY cell.id LIMIT 20`)
    .pluck()
  return [
    ...wrongClass.all().map((id) => `the label of cell ${id} is not that of its newest label event`),
    ...wrongReader.all().map((id) => `the reader of cell ${id} is not that of the label that stands`),
    ...wrongMachine.all().map((id) => `the machine's class of cell ${id} is not that of its prediction`),
  ]
}
