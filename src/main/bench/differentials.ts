import type { Differential, DifferentialView } from '../../shared/contract/differential.ts'
import type { ModelInfo } from '../../shared/contract/models.ts'
import type { RunSummary } from '../../shared/contract/runs.ts'
import { correctedDifferential } from '../../shared/differential/corrected.ts'
import { differentialOf } from '../../shared/differential/differential.ts'
import { knownErrors } from '../../shared/differential/known-errors.ts'
import type { Casebook } from '../casebook/casebook.ts'
import { imageKind } from './image-kind.ts'

type Book = Pick<Casebook, 'run' | 'counts' | 'revision' | 'opinions' | 'doubts'>

/**
 * What a model that read the run said of itself (`modelId` null: the run's own); null: no model, or one that is unknown by now.
 * Rejects `not-found` where it did not read the run.
 */
export type ModelOf = (run: RunSummary, modelId: number | null) => Promise<ModelInfo | null>

/** The differentials of a casebook's runs, in each view. */
export class Differentials {
  readonly #casebook: Book
  readonly #modelOf: ModelOf
  /** The newest corrected one: it takes a twentieth of a second, and is asked for again while nothing changes. */
  #kept: { readonly key: string; readonly differential: Differential } | null = null

  constructor(casebook: Book, modelOf: ModelOf) {
    this.#casebook = casebook
    this.#modelOf = modelOf
  }

  /** As one of the models that read the run named its cells; null: its own. Rejects `not-found`. */
  async of(runId: number, view: DifferentialView, modelId: number | null = null): Promise<Differential> {
    const run = this.#casebook.run(runId)
    const model = await this.#modelOf(run, modelId)
    const { machine, current, relabelled, leftOut } = this.#casebook.counts(runId, modelId)
    const evidence = model?.evidence ?? {}
    const asNamed = differentialOf({
      runId,
      view,
      targetCells: run.targetCells,
      counts: view === 'machine' ? machine : current,
      relabelled,
      evidence: (code) => evidence[code]?.images ?? 'none',
      leftOut,
      doubt: this.#doubt(runId, model, modelId),
    })
    return view === 'corrected' ? this.#corrected(run, model, modelId, asNamed) : asNamed
  }

  #doubt(runId: number, model: ModelInfo | null, modelId: number | null): Differential['doubt'] {
    const stated = model?.unsure
    const rules = stated ? [stated, ...stated.table.filter(({ errorRate }) => errorRate !== stated.errorRate)] : []
    const { unsure, unfamiliar } = this.#casebook.doubts(
      runId,
      rules.map((rule) => rule.below),
      modelId,
    )
    const [own, ...others] = rules.map(({ errorRate, below }, i) => ({ errorRate, below, cells: unsure[i] }))
    return { unsure: own ?? null, atOtherRates: others, unfamiliar: model?.unfamiliar ? (unfamiliar ?? 0) : unfamiliar }
  }

  #corrected(run: RunSummary, model: ModelInfo | null, modelId: number | null, asNamed: Differential): Differential {
    if (!model) return uncorrected(asNamed, noModel(run))
    const name = `${model.name} ${model.version}`
    const images = imageKind(run.rig)
    const known = knownErrors(model, images)
    if (!known) {
      return uncorrected(asNamed, `${name} does not state which classes it mistakes for which (no confusion matrix).`)
    }
    if (known.tried.size === 0) return uncorrected(asNamed, `${name} was tried on no ${images} image.`)
    // Another model's reading grows without the run's revision.
    const key = `${run.runId} ${this.#casebook.revision(run.runId)} ${model.sha256} ${asNamed.unclassified}`
    if (this.#kept?.key !== key) {
      const { cells, probabilities } = this.#casebook.opinions(run.runId, modelId)
      const input = { cells, probabilities, classes: model.classes, ...known }
      this.#kept = { key, differential: correctedDifferential(asNamed, input) }
    }
    return this.#kept.differential
  }
}

function noModel(run: RunSummary): string {
  return run.model === null
    ? 'No model named the cells.'
    : `Nothing is known by now of the model that named the cells (${run.model}).`
}

/** Exact intervals of the cells as they are named, and why there is no more. */
function uncorrected(asNamed: Differential, problem: string): Differential {
  return { ...asNamed, correction: { problem, through: [], counted: null, read: asNamed.relabelled, uncorrected: [] } }
}
