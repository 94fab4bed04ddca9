import { implement } from '@orpc/server'
import { contract } from '../../shared/contract/index.ts'
import type { Casebook } from '../casebook/casebook.ts'
import type { RunManager } from './run-manager.ts'

export interface FieldParts {
  readonly casebook: Pick<Casebook, 'run' | 'leaveOutFields' | 'bringBackFields' | 'fieldEvents'>
  readonly runs: Pick<RunManager, 'changed'>
}

/** Which fields of a run count, as people decide. */
export function fieldProcedures({ casebook, runs }: FieldParts) {
  const os = implement(contract)
  return {
    leaveOut: os.fields.leaveOut.handler(({ input: { runId, fields, reader, why } }) => {
      casebook.run(runId)
      const changed = casebook.leaveOutFields(runId, fields, reader, why)
      runs.changed(runId)
      return { fields: changed }
    }),
    bringBack: os.fields.bringBack.handler(({ input: { runId, fields, reader, why } }) => {
      casebook.run(runId)
      const changed = casebook.bringBackFields(runId, fields, reader, why)
      runs.changed(runId)
      return { fields: changed }
    }),
    events: os.fields.events.handler(({ input: { runId } }) => {
      casebook.run(runId)
      return { events: casebook.fieldEvents(runId) }
    }),
  }
}
