import { createHash } from 'node:crypto'
import type Database from 'better-sqlite3'
import { CHAIN_START } from './audit-chain.ts'

/** A row of `tally_event`. */
interface TallyEvent {
  readonly id: number
  readonly sitting_id: number
  readonly view_id: number
  readonly kind: 'count' | 'undo'
  readonly takes_back: number | null
  readonly class: string
  readonly at: string
  readonly previous_hash: string
  readonly hash: string
}

/** Of a press of a key: the hash of the one before (null: there is none), and its own: SHA-256 of its content as a JSON array in this order. */
export function tallyHash(
  event: Omit<TallyEvent, 'hash' | 'previous_hash'> & { readonly previous_hash: string | null },
): Pick<TallyEvent, 'previous_hash' | 'hash'> {
  const previous = event.previous_hash ?? CHAIN_START
  const { id, sitting_id, view_id, kind, takes_back, class: code, at } = event
  const content = JSON.stringify([id, sitting_id, view_id, kind, takes_back, code, at, previous])
  return { previous_hash: previous, hash: createHash('sha256').update(content).digest('hex') }
}

/** One sentence for each press that was changed, taken out or put in; see `checkChain`. */
export function checkTallies(database: Database.Database): string[] {
  const findings: string[] = []
  let previous: string | null = null
  let expectedId = 1
  for (const event of database.prepare<[], TallyEvent>('SELECT * FROM tally_event ORDER BY id').iterate()) {
    if (event.id !== expectedId) findings.push(`cells counted by hand, ${expectedId} to ${event.id - 1}, are missing`)
    if (event.previous_hash !== (previous ?? CHAIN_START))
      findings.push(`cell ${event.id} counted by hand does not follow the one before it`)
    if (event.hash !== tallyHash(event).hash)
      findings.push(`cell ${event.id} counted by hand was changed after it was written`)
    previous = event.hash
    expectedId = event.id + 1
  }
  return findings
}
