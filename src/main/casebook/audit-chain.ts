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

/** A row of `field_event`. */
export interface KeptFieldEvent {
  readonly id: number
  readonly field_id: number
  readonly kind: 'leave-out' | 'bring-back'
  readonly reader: string
  readonly at: string
  readonly reason: string | null
  readonly words: string | null
  readonly why: string | null
  readonly previous_hash: string
  readonly hash: string
}

/** Of the event's content in this order, the predecessor's hash last. */
export function eventHash(event: Omit<LabelEvent, 'hash'>): string {
  const { id, cell_id, kind, takes_back, reader, at, from_class, to_class, why, previous_hash } = event
  return hashOf([id, cell_id, kind, takes_back, reader, at, from_class, to_class, why, previous_hash])
}

export function fieldEventHash(event: Omit<KeptFieldEvent, 'hash'>): string {
  const { id, field_id, kind, reader, at, reason, words, why, previous_hash } = event
  return hashOf([id, field_id, kind, reader, at, reason, words, why, previous_hash])
}

/** SHA-256, lower case hex, of the values as a JSON array. */
function hashOf(content: readonly (string | number | null)[]): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex')
}

/**
 * Follows the chains of label and field events from their start; one sentence for each event that was changed, taken out or put in. Events
 * cut off at the end leave a sound chain, but cells and fields whose state no event explains: those are named too.
 */
export function checkChains(database: Database.Database): string[] {
  const labels = database.prepare<[], LabelEvent>('SELECT * FROM label_event ORDER BY id')
  const fields = database.prepare<[], KeptFieldEvent>('SELECT * FROM field_event ORDER BY id')
  return [...checkChain('label', labels.iterate(), eventHash), ...checkChain('field', fields.iterate(), fieldEventHash)]
}

function checkChain<E extends { readonly id: number; readonly previous_hash: string; readonly hash: string }>(
  name: string,
  events: Iterable<E>,
  hash: (event: E) => string,
): string[] {
  const findings: string[] = []
  let previous = CHAIN_START
  let expectedId = 1
  for (const event of events) {
    if (event.id !== expectedId) findings.push(`${name} events ${expectedId} to ${event.id - 1} are missing`)
    if (event.previous_hash !== previous) findings.push(`${name} event ${event.id} does not follow the one before it`)
    if (event.hash !== hash(event)) findings.push(`${name} event ${event.id} was changed after it was written`)
    previous = event.hash
    expectedId = event.id + 1
  }
  return findings
}

/** Fields whose cells count, or do not, against what the gate and the events say. */
export function checkFields(database: Database.Database): string[] {
  const wrong = database
    .prepare<[], { run_id: number; ordinal: number }>(`
      SELECT DISTINCT field.run_id, ordinal FROM field LEFT JOIN cell ON field_id = field.id
      WHERE field.left_out IS NOT coalesce(cell.left_out, field.left_out) OR field.left_out IS NOT coalesce(
        (SELECT kind = 'leave-out' FROM field_event WHERE field_event.field_id = field.id ORDER BY field_event.id DESC LIMIT 1),
        gate_reason IS NOT NULL)
      ORDER BY field.run_id, ordinal LIMIT 20`)
    .all()
  return wrong.map(
    ({ run_id, ordinal }) => `whether field ${ordinal} of run ${run_id} counts is not what was last said of it`,
  )
}

/** Whether the numbers of fields and cells are those that are there. */
export function checkCounts(database: Database.Database): string[] {
  const differing = (kept: string, there: string) =>
    database
      .prepare<[], number>(
        `SELECT DISTINCT run_id FROM (SELECT * FROM (${kept} EXCEPT ${there}) UNION ALL SELECT * FROM (${there} EXCEPT ${kept}))`,
      )
      .pluck()
      .all()
  const fields = differing(
    'SELECT * FROM field_count WHERE fields != 0',
    'SELECT run_id, left_out, count(*) FROM field GROUP BY 1, 2',
  )
  const cells = differing(
    'SELECT * FROM cell_count WHERE cells != 0',
    `SELECT run_id, left_out, coalesce(machine_class, ''), coalesce(current_class, ''), reader IS NOT NULL, count(*)
      FROM cell GROUP BY 1, 2, 3, 4, 5`,
  )
  return [
    ...fields.map((runId) => `the number of fields of run ${runId} is not that of the fields there are`),
    ...cells.map((runId) => `the numbers of cells of run ${runId} are not those of the cells there are`),
  ]
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
