import type { RunEvent } from '../../shared/contract/runs.ts'
import type { Casebook } from '../casebook/casebook.ts'

/** As many as are committed or decided of in the time between two events; more change where places are solved anew. */
const MOST_TOLD = 8

/** The fields that changed, for one reader of a run's events: told with the event that says so, they are on screen a question and an answer earlier. */
export class FieldsTold {
  readonly #runId: number
  readonly #casebook: Pick<Casebook, 'fields' | 'fieldsRevision'>
  #after: number | null = null

  constructor(runId: number, casebook: Pick<Casebook, 'fields' | 'fieldsRevision'>) {
    this.#runId = runId
    this.#casebook = casebook
  }

  /** Since it was asked before. */
  next(): RunEvent['fields'] {
    const newest = this.#casebook.fieldsRevision(this.#runId)
    const after = this.#after ?? newest
    this.#after = newest
    if (newest <= after) return { after, changed: [] }
    const changed = this.#casebook.fields(this.#runId, after, MOST_TOLD + 1)
    return changed.length > MOST_TOLD ? { after: newest, changed: [] } : { after, changed }
  }
}
