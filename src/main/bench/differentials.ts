import type { ModelInfo } from '../../shared/contract/models.ts'
import type { Differential, DifferentialView, RigSettings, RunSummary } from '../../shared/contract/runs.ts'
import { correctedDifferential } from '../../shared/differential/corrected.ts'
import { differentialOf } from '../../shared/differential/differential.ts'
import { CLASS_CODES, type ClassCode } from '../../shared/taxonomy.ts'
import type { Casebook } from '../casebook/casebook.ts'

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
    const { machine, current, relabelled } = this.#casebook.counts(runId, modelId)
    const evidence = model?.evidence ?? {}
    const asNamed = differentialOf({
      runId,
      view,
      targetCells: run.targetCells,
      counts: view === 'machine' ? machine : current,
      relabelled,
      evidence: (code) => evidence[code]?.images ?? 'none',
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
    const images = imagesOf(run.rig)
    const problem = whyNot(run, model)
    const tried = model ? triedClasses(model, images) : new Set<ClassCode>()
    if (problem !== null || !model) return uncorrected(asNamed, problem ?? '')
    if (tried.size === 0) return uncorrected(asNamed, `The model was tried on no ${images} image.`)
    // Another model's reading grows without the run's revision.
    const key = `${run.runId} ${this.#casebook.revision(run.runId)} ${model.sha256} ${asNamed.unclassified}`
    if (this.#kept?.key !== key) {
      const { cells, probabilities } = this.#casebook.opinions(run.runId, modelId)
      const confusion = images === 'rendered' ? model.confusionRendered : model.confusion
      const input = { cells, probabilities, classes: model.classes, tried, confusion }
      this.#kept = { key, differential: correctedDifferential(asNamed, input) }
    }
    return this.#kept.differential
  }
}

/** Drawn by the simulator, or taken of a smear. */
function imagesOf(rig: RigSettings): 'rendered' | 'real' {
  const camera = rig.kind === 'microscope' ? rig.rig.camera : rig
  return camera.kind === 'simulated' ? 'rendered' : 'real'
}

/** Why the run's counts cannot be corrected; null: they can. */
function whyNot(run: RunSummary, model: ModelInfo | null): string | null {
  if (!model) {
    return run.model === null
      ? 'No model named the cells.'
      : `Nothing is known by now of the model that named the cells (${run.model}).`
  }
  if (!model.confusion && !model.confusionRendered) {
    return `${model.name} ${model.version} does not state which classes it mistakes for which (no confusion matrix).`
  }
  return null
}

/**
 * The classes whose mistakes are known on images of the kind counted. On real cells those are the ones with real validation images: how the
 * model fares on drawings says nothing there. On drawn cells without a matrix of their own, every class it was tried on, by its
 * probabilities alone.
 */
function triedClasses(model: ModelInfo, images: 'real' | 'rendered'): ReadonlySet<ClassCode> {
  const { confusion, confusionRendered, evidence } = model
  const rowOf = (matrix: ModelInfo['confusion'], code: ClassCode) =>
    Object.values(matrix?.[code] ?? {}).some((count) => count > 0)
  const isTried = (code: ClassCode): boolean => {
    if (images === 'real') return evidence[code]?.images === 'real' && rowOf(confusion, code)
    return rowOf(confusionRendered ?? confusion, code)
  }
  return new Set(CLASS_CODES.filter((code) => model.classes.includes(code) && isTried(code)))
}

/** Exact intervals of the cells as they are named, and why there is no more. */
function uncorrected(asNamed: Differential, problem: string): Differential {
  return { ...asNamed, correction: { problem, through: [], counted: null, read: asNamed.relabelled, uncorrected: [] } }
}
