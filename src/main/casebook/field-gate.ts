import type Database from 'better-sqlite3'
import type { FieldEvent } from '../../shared/contract/fields.ts'
import type { LeftOutReason } from '../../shared/contract/quality.ts'
import { CHAIN_START, fieldEventHash, type KeptFieldEvent } from './audit-chain.ts'
import type { Casebook } from './casebook.ts'
import type { Fields } from './fields.ts'
import { missing } from './missing.ts'

export type FieldGate = Pick<Casebook, 'leaveOutFields' | 'bringBackFields' | 'fieldEvents' | 'gateReasons'>

interface FieldState {
  readonly id: number
  readonly gate_reason: LeftOutReason | null
  readonly gate_words: string | null
  readonly left_out: 0 | 1
}

type EventRow = Omit<FieldEvent, 'id'> & { readonly id: number }

/** What people decide of fields. */
export function fieldGateOf(database: Database.Database, fields: Pick<Fields, 'fields'>): FieldGate {
  const stateOf = database.prepare<[number, number], FieldState>(`
    SELECT id, gate_reason, gate_words, left_out FROM field WHERE run_id = ? AND ordinal = ?`)
  const newest = database.prepare<[], { id: number; hash: string }>(
    'SELECT id, hash FROM field_event ORDER BY id DESC LIMIT 1',
  )
  const insert = database.prepare<[KeptFieldEvent]>(`
    INSERT INTO field_event (id, field_id, kind, reader, at, reason, words, why, previous_hash, hash)
    VALUES (@id, @field_id, @kind, @reader, @at, @reason, @words, @why, @previous_hash, @hash)`)
  const cellsOfField = database.prepare<[number], number>('SELECT id FROM cell WHERE field_id = ? ORDER BY id').pluck()
  // As many numbers as rows change; the highest of them.
  const takeRevisions = database
    .prepare<[number, number], number>('UPDATE run SET revision = revision + ? WHERE id = ? RETURNING revision')
    .pluck()
  const setField = database.prepare('UPDATE field SET left_out = ?, revision = ? WHERE id = ?')
  const setCell = database.prepare('UPDATE cell SET left_out = ?, revision = ? WHERE id = ?')
  const events = database.prepare<[number], EventRow>(`
    SELECT field_event.id, ordinal AS field, kind, reader, at, reason, words, why FROM field_event
    JOIN field ON field.id = field_id WHERE run_id = ? ORDER BY field_event.id`)

  const gateReasons = database
    .prepare<[number], [number, LeftOutReason]>(
      'SELECT ordinal, gate_reason FROM field WHERE run_id = ? AND gate_reason IS NOT NULL ORDER BY ordinal',
    )
    .raw()

  function change(
    kind: FieldEvent['kind'],
    [runId, indices, reader, why]: Parameters<Casebook['leaveOutFields']>,
  ): ReturnType<Casebook['leaveOutFields']> {
    const at = new Date().toISOString()
    const wanted = new Set(indices)
    for (const index of wanted) {
      const field = stateOf.get(runId, index)
      if (!field) throw missing('field', index)
      const leftOut = kind === 'leave-out' ? 1 : 0
      // Said twice is said once.
      if (field.left_out === leftOut) continue
      const last = newest.get()
      const event = {
        id: (last?.id ?? 0) + 1,
        field_id: field.id,
        kind,
        reader,
        at,
        // Who leaves out again what the gate left out agrees with it.
        reason: kind === 'bring-back' ? null : (field.gate_reason ?? 'person'),
        words: kind === 'bring-back' ? null : (field.gate_words ?? why ?? 'left out by hand'),
        why,
        previous_hash: last?.hash ?? CHAIN_START,
      }
      insert.run({ ...event, hash: fieldEventHash(event) })
      const cells = cellsOfField.all(field.id)
      let revision = takeRevisions.get(cells.length + 1, runId)! - cells.length
      setField.run(leftOut, revision, field.id)
      for (const cellId of cells) setCell.run(leftOut, ++revision, cellId)
    }
    return fields.fields(runId).filter(({ index }) => wanted.has(index))
  }

  const leaveOut = database.transaction((...input: Parameters<Casebook['leaveOutFields']>) =>
    change('leave-out', input),
  )
  const bringBack = database.transaction((...input: Parameters<Casebook['bringBackFields']>) =>
    change('bring-back', input),
  )

  return {
    leaveOutFields: leaveOut.immediate,
    bringBackFields: bringBack.immediate,
    fieldEvents: (runId) => events.all(runId),
    gateReasons: (runId) => new Map(gateReasons.all(runId)),
  }
}
