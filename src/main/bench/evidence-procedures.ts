import { implement } from '@orpc/server'
import type { Logger } from 'pino'
import { contract } from '../../shared/contract/index.ts'
import type { ModelInfo } from '../../shared/contract/models.ts'
import type { RunSummary } from '../../shared/contract/runs.ts'
import { trustOf } from '../../shared/evaluation/trust.ts'
import { CLASS_CODES } from '../../shared/taxonomy.ts'
import type { Casebook } from '../casebook/casebook.ts'
import { describedModel, modelInfo } from '../inference/model-info.ts'
import { readDescription } from '../inference/package.ts'
import { withBoundaryErrors } from './boundary-errors.ts'
import type { CellMaps } from './cell-maps.ts'
import type { Models } from './models.ts'
import { explainCell } from './saliency.ts'

export interface EvidenceParts {
  readonly casebook: Casebook
  readonly maps: CellMaps
  readonly models: Models
  /** What the run's model said of itself; null: no model, or one that is unknown by now. */
  readonly modelOfRun: (run: RunSummary) => Promise<ModelInfo | null>
  readonly log: Logger
}

/** The procedures about what stands behind a name and a count. */
export function evidenceProcedures({ casebook, maps, models, modelOfRun, log }: EvidenceParts) {
  const os = implement(contract.evidence)

  /** Of the run, else of the package, else of the model in use. */
  async function modelMeant(runId: number | null, ref: string | null): Promise<ModelInfo | null> {
    if (runId !== null) return modelOfRun(casebook.run(runId))
    if (ref !== null) return describedModel(await readDescription((await models.find(ref)).folder))
    // Why there is no model is the business of `system.info`.
    return models.with(async (classifier) => modelInfo(classifier)).catch(() => null)
  }

  return os.router({
    model: os.model.handler(async ({ input }) => {
      const model = await modelMeant(input.runId, input.model)
      return { model, trust: model ? CLASS_CODES.map((code) => trustOf(model, code)) : [] }
    }),
    saliency: os.saliency.handler(({ input, signal }) =>
      models.with((classifier) => explainCell(input.cellId, casebook, classifier, signal)),
    ),
    map: os.map.handler(({ input, signal }) => withBoundaryErrors(maps.open(input.runId, signal), log)),
  })
}
