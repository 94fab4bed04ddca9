import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { ModelVariant } from '../../shared/contract/models.ts'
import type { RunSummary } from '../../shared/contract/runs.ts'
import { MedullaError } from '../../shared/errors.ts'
import { bundledModelFolder } from '../inference/bundled.ts'
import type { Classifier } from '../inference/classifier.ts'
import type { Provider } from '../inference/providers.ts'
import { parseModelRef } from '../inference/store/model-ref.ts'
import { type ModelChoice, ModelStore, type StoredModel } from '../inference/store/model-store.ts'
import { ModelOpener, type ModelPlace, nameOf } from './model-opener.ts'
import { type BorrowedModel, SharedModel } from './shared-model.ts'

export interface ModelSettings {
  /** A package's folder, or NAME[@VERSION] of one in the store; null: the one chosen in the data folder. */
  readonly model: string | null
  /** null: as chosen in the data folder, float where nothing is. */
  readonly precision: ModelVariant | null
  readonly provider: Provider | 'auto'
}

/** Which model is in use, and the models that are open. A model stays open as long as somebody has borrowed it. */
export class Models {
  readonly store: ModelStore
  readonly #settings: ModelSettings
  readonly #opener: ModelOpener
  #current: { readonly place: ModelPlace; readonly model: SharedModel } | null = null
  /** Every model that is not closed yet, in use or not. */
  readonly #open = new Set<SharedModel>()

  constructor(dataFolder: string, settings: ModelSettings, log: Logger) {
    const folder = join(dataFolder, 'models')
    this.store = new ModelStore(folder, bundledModelFolder())
    this.#opener = new ModelOpener(folder, settings.provider, log)
    this.#settings = settings
  }

  /** The model in use was named when the bench was opened: what is chosen in the data folder does not count. */
  get isOverridden(): boolean {
    return this.#settings.model !== null
  }

  /** The model in use. Rejects `model-missing`, `model-invalid`, `invalid-input` (a provider that cannot be used). */
  async borrow(): Promise<BorrowedModel> {
    const place = await this.placeInUse()
    if (!this.#current || !samePlace(this.#current.place, place)) {
      void this.#current?.model.retire()
      this.#current = { place, model: this.#share(place) }
    }
    const current = this.#current
    try {
      return await current.model.borrow()
    } catch (error) {
      // The next asker tries again, for the file may have been mended.
      if (this.#current === current) this.#current = null
      throw error
    }
  }

  /** A certain model, in use or not. */
  async borrowAt(place: ModelPlace): Promise<BorrowedModel> {
    if (this.#current && samePlace(this.#current.place, place)) return this.borrow()
    const model = this.#share(place)
    const borrowed = await model.borrow()
    void model.retire()
    return borrowed
  }

  /** The very graph a run was begun with. Rejects `model-missing`, `model-invalid` where it is not here. */
  async borrowFor(run: RunSummary): Promise<BorrowedModel> {
    const place = await this.#placeOf(run)
    if (place) return this.borrowAt(place)
    const inUse = await this.borrow()
    // One that was named by its folder is in no store.
    if (inUse.classifier.sha256 === run.graph?.sha256 && run.model === nameOf(inUse.classifier)) return inUse
    inUse.giveBack()
    throw new MedullaError(
      'model-invalid',
      `Run ${run.runId} was begun with ${run.model ?? 'no model'}, which is not here any more; ${nameOf(inUse.classifier)} is in use now.`,
      { remedy: 'Add the package it was begun with ("model add PATH"), or start a new run.' },
    )
  }

  /** `name`: NAME[@VERSION], or null: the one in use. `variant` null: the one in use, of another package the full one. */
  async borrowNamed(name: string | null, variant: ModelVariant | null): Promise<BorrowedModel> {
    if (name !== null) return this.borrowAt({ folder: (await this.find(name)).folder, variant: variant ?? 'float' })
    const place = await this.placeInUse()
    return this.borrowAt({ ...place, variant: variant ?? place.variant })
  }

  async with<T>(work: (classifier: Classifier) => Promise<T>): Promise<T> {
    const borrowed = await this.borrow()
    try {
      return await work(borrowed.classifier)
    } finally {
      borrowed.giveBack()
    }
  }

  /** `text`: NAME[@VERSION]. */
  find(text: string): Promise<StoredModel> {
    return this.store.find(parseModelRef(text))
  }

  async placeInUse(): Promise<ModelPlace> {
    const chosen = this.#settings.model === null ? await this.store.chosen() : null
    const folder = await this.#folderInUse(chosen)
    return { folder, variant: this.#settings.precision ?? chosen?.variant ?? 'float' }
  }

  /** The next model that is opened has its providers tried anew. */
  forgetProviders(): Promise<void> {
    return this.#opener.forgetProviders()
  }

  /** Ends what nobody uses any more; whoever has borrowed a model is to give it back first. */
  async close(): Promise<void> {
    this.#current = null
    // Also those that somebody has only just given back: a process that ends while their threads compute is broken off hard.
    await Promise.all([...this.#open].map((model) => model.retire()))
  }

  async #folderInUse(chosen: ModelChoice | null): Promise<string> {
    const { model } = this.#settings
    if (model === null) return chosen ? (await this.store.find(chosen)).folder : bundledModelFolder()
    const isPath = /[\\/]/.test(model) || (existsSync(model) && statSync(model).isDirectory())
    return isPath ? model : (await this.find(model)).folder
  }

  #share(place: ModelPlace): SharedModel {
    const model = new SharedModel(this.#opener.open(place), (closed) => this.#open.delete(closed))
    this.#open.add(model)
    return model
  }

  async #placeOf({ model, graph }: RunSummary): Promise<ModelPlace | null> {
    for (const { name, version, manifest, folder } of await this.store.list()) {
      if (!manifest || !graph || model !== `${name} ${version}`) continue
      if (manifest.sha256 === graph.sha256) return { folder, variant: 'float' }
      if (manifest.int8?.sha256 === graph.sha256) return { folder, variant: 'int8' }
    }
    return null
  }
}

const samePlace = (a: ModelPlace, b: ModelPlace) => a.folder === b.folder && a.variant === b.variant
