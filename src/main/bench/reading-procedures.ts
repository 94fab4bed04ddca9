import { implement } from '@orpc/server'
import type { Logger } from 'pino'
import { contract } from '../../shared/contract/index.ts'
import type { ModelVariant } from '../../shared/contract/models.ts'
import type { RereadEvent } from '../../shared/contract/readings.ts'
import type { Casebook } from '../casebook/casebook.ts'
import { withBoundaryErrors } from './boundary-errors.ts'
import type { Models } from './models.ts'
import { rereadRun } from './reread.ts'
import type { Slides } from './slides.ts'

export interface ReadingParts {
  readonly casebook: Casebook
  readonly models: Pick<Models, 'borrowNamed'>
  readonly slides: Pick<Slides, 'of'>
  readonly log: Logger
}

/** The procedures about which model read a run's cells. */
export function readingProcedures({ casebook, models, slides, log }: ReadingParts) {
  const os = implement(contract.runs)

  async function* read(
    { runId, model: name, variant }: { runId: number; model: string | null; variant: ModelVariant | null },
    signal?: AbortSignal,
  ): AsyncGenerator<RereadEvent, void> {
    casebook.run(runId)
    const model = await models.borrowNamed(name, variant)
    try {
      yield* rereadRun({ casebook, runId, slide: slides.of(runId), model, signal })
    } finally {
      model.giveBack()
    }
  }

  return {
    readings: os.readings.handler(({ input }) => ({ readings: casebook.readings(input.runId) })),
    reread: os.reread.handler(({ input, signal }) => withBoundaryErrors(read(input, signal), log)),
  }
}
