import type Database from 'better-sqlite3'
import type { Cell } from '../../shared/contract/cells.ts'
import { CHAIN_START, eventHash, type LabelEvent } from './audit-chain.ts'
import type { Casebook } from './casebook.ts'
import type { Cells } from './cells.ts'
import { missing } from './missing.ts'

export type Labels = Pick<Casebook, 'relabel' | 'undo'>

type Change = Pick<LabelEvent, 'kind' | 'takes_back' | 'reader' | 'from_class' | 'to_class' | 'why'>

export function labelsOf(database: Database.Database, cells: Cells): Labels {
  const newest = database.prepare<[], { id: number; hash: string }>(
    'SELECT id, hash FROM label_event ORDER BY id DESC LIMIT 1',
  )
  const insert = database.prepare<[Omit<LabelEvent, never>]>(`
    INSERT INTO label_event (id, cell_id, kind, takes_back, reader, at, from_class, to_class, why, previous_hash, hash)
    VALUES (@id, @cell_id, @kind, @takes_back, @reader, @at, @from_class, @to_class, @why, @previous_hash, @hash)`)
  /** Labels of a cell that no undo has taken back, newest first; two are enough to undo one. */
  const standing = database.prepare<[number], LabelEvent>(`
    SELECT * FROM label_event given WHERE cell_id = ? AND kind = 'label'
    AND NOT EXISTS (SELECT 1 FROM label_event undo WHERE undo.takes_back = given.id)
    ORDER BY id DESC LIMIT 2`)
  const takeRevision = database.prepare<[number]>(
    'UPDATE run SET revision = revision + 1 WHERE id = (SELECT run_id FROM cell WHERE id = ?)',
  )
  const setLabel = database.prepare<[string | null, string | null, number]>(`
    UPDATE cell SET current_class = ?, reader = ?, revision = (SELECT revision FROM run WHERE id = run_id)
    WHERE id = ?`)

  const existing = (cellId: number): Cell => {
    const cell = cells.cell(cellId)
    if (!cell) throw missing('cell', cellId)
    return cell
  }

  /** Writes the event and what it makes of the cell; only inside a transaction. */
  function record(cellId: number, change: Change, at: string, stands: { class: string | null; reader: string | null }) {
    const last = newest.get()
    const event = {
      id: (last?.id ?? 0) + 1,
      cell_id: cellId,
      ...change,
      at,
      previous_hash: last?.hash ?? CHAIN_START,
    }
    insert.run({ ...event, hash: eventHash(event) })
    takeRevision.run(cellId)
    setLabel.run(stands.class, stands.reader, cellId)
  }

  const relabel = database.transaction((...[cellIds, label, reader, why]: Parameters<Casebook['relabel']>): Cell[] => {
    const at = new Date().toISOString()
    return [...new Set(cellIds)].map((cellId) => {
      const cell = existing(cellId)
      // A key pressed twice is one label; a person agreeing with the machine, or with another reader, is a label of its own.
      if (cell.class === label && cell.reader === reader && why === null) return cell
      const change: Change = { kind: 'label', takes_back: null, reader, from_class: cell.class, to_class: label, why }
      record(cellId, change, at, { class: label, reader })
      return existing(cellId)
    })
  })

  const undo = database.transaction((cellIds: readonly number[], reader: string): Cell[] => {
    const at = new Date().toISOString()
    return [...new Set(cellIds)].map((cellId) => {
      const cell = existing(cellId)
      const [given, before] = standing.all(cellId)
      if (!given) return cell
      const stands = { class: before ? before.to_class : cell.machineClass, reader: before?.reader ?? null }
      const change: Change = {
        kind: 'undo',
        takes_back: given.id,
        reader,
        from_class: given.to_class,
        to_class: stands.class,
        why: null,
      }
      record(cellId, change, at, stands)
      return existing(cellId)
    })
  })

  return { relabel: relabel.immediate, undo: undo.immediate }
}
