import { implement } from '@orpc/server'
import type { Logger } from 'pino'
import { contract } from '../../shared/contract/index.ts'
import type { Casebook } from '../casebook/casebook.ts'
import { withBoundaryErrors } from './boundary-errors.ts'
import type { Models } from './models.ts'
import { rereadRun } from './reread.ts'
import type { RunManager } from './run-manager.ts'

export interface ReadingParts {
  readonly casebook: Casebook
  readonly models: Pick<Models, 'borrowNamed'>
  readonly runs: Pick<RunManager, 'slideFolder'>
  readonly log: Logger
}

/** The procedures about which model read a run's cells. */
export function readingProcedures({ casebook, models, runs, log }: ReadingParts) {
  const os = implement(contract.runs)
  return {
    readings: os.readings.handler(({ input }) => ({ readings: casebook.readings(input.runId) })),
    reread: os.reread.handler(async function* ({ input: { runId, model: name, variant }, signal }) {
      casebook.run(runId)
      const model = await models.borrowNamed(name, variant)
      try {
        const slideFolder = runs.slideFolder(runId)
        yield* withBoundaryErrors(rereadRun({ casebook, runId, slideFolder, model, signal }), log)
      } finally {
        model.giveBack()
      }
    }),
  }
}
