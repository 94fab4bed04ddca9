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

  /** Of the run (as one of its models read it), else of the package, else of the model in use. */
  async function modelMeant(runId: number | null, modelId: number | null, ref: string | null) {
    if (runId !== null) {
      const run = casebook.run(runId)
      return modelId === null ? modelOfRun(run) : casebook.readingModel(runId, modelId)
    }
    if (ref !== null) return describedModel(await readDescription((await models.find(ref)).folder))
    // Why there is no model is the business of `system.info`.
    return models.with(async (classifier) => modelInfo(classifier)).catch(() => null)
  }

  /** The run as if it had been scanned with another model that read it. */
  function asReadBy(run: RunSummary, modelId: number | null): RunSummary {
    const reading = casebook.readings(run.runId).find((each) => each.modelId === modelId)
    if (!reading) return run
    const { name, version, sha256, variant, providers } = reading
    return { ...run, model: `${name} ${version}`, graph: { sha256, variant, providers } }
  }

  return os.router({
    model: os.model.handler(async ({ input }) => {
      const model = await modelMeant(input.runId, input.modelId, input.model)
      return { model, trust: model ? CLASS_CODES.map((code) => trustOf(model, code)) : [] }
    }),
    saliency: os.saliency.handler(async ({ input: { cellId, modelId }, signal }) => {
      const run = asReadBy(casebook.run(casebook.runOfCell(cellId)), modelId)
      // The very model that named the cell; where that is gone, the one in use, and the answer says which it was.
      const { classifier, giveBack } = await models.borrowFor(run).catch(() => models.borrow())
      try {
        return await explainCell(cellId, casebook, classifier, signal)
      } finally {
        giveBack()
      }
    }),
    map: os.map.handler(({ input, signal }) => withBoundaryErrors(maps.open(input.runId, input.modelId, signal), log)),
  })
}
