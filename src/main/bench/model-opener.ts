import type { Logger } from 'pino'
import type { ModelVariant } from '../../shared/contract/models.ts'
import { type ChosenProvider, chooseProvider } from '../inference/choose-provider.ts'
import type { Classifier } from '../inference/classifier.ts'
import { openModelInThreads } from '../inference/model-threads.ts'
import { readDescription } from '../inference/package.ts'
import { GRAPHICS_BATCH, type PassedOver, type Provider } from '../inference/providers.ts'
import { ProviderMemory } from './provider-memory.ts'
import type { OpenModel } from './shared-model.ts'

/** A package and which of its graphs. */
export interface ModelPlace {
  readonly folder: string
  readonly variant: ModelVariant
}

/** Opens models on the best execution provider there is. */
export class ModelOpener {
  readonly #wanted: Provider | 'auto'
  readonly #memory: ProviderMemory
  readonly #log: Logger

  constructor(modelsFolder: string, wanted: Provider | 'auto', log: Logger) {
    this.#memory = new ProviderMemory(modelsFolder)
    this.#wanted = wanted
    this.#log = log
  }

  /** The next model that is opened has its providers tried anew. */
  forgetProviders(): Promise<void> {
    return this.#memory.forget()
  }

  /** Rejects `model-missing`, `model-invalid`, `invalid-input` (a provider that cannot be used). */
  async open(place: ModelPlace): Promise<OpenModel> {
    const { provider, passedOver } = await this.#chooseProvider(place)
    const open = await this.#openOn(place, provider, passedOver)
    const { sha256, variant } = open.classifier
    const what = { model: nameOf(open.classifier), variant, sha256, provider: open.classifier.provider }
    this.#log.info({ ...what, passedOver: open.passedOver }, 'the model is open')
    return open
  }

  async #chooseProvider({ folder, variant }: ModelPlace): Promise<ChosenProvider> {
    if (this.#wanted !== 'auto') return chooseProvider({ folder, variant, wanted: this.#wanted })
    const { manifest } = await readDescription(folder)
    const sha256 = variant === 'int8' ? manifest.int8?.sha256 : manifest.sha256
    // Opening it says what is wrong.
    if (sha256 === undefined) return { provider: 'cpu', passedOver: [] }
    const known = await this.#memory.recall(sha256)
    if (known) return known
    const { tried, ...chosen } = await chooseProvider({ folder, variant, wanted: 'auto' })
    if (tried) await this.#memory.keep(sha256, chosen)
    return chosen
  }

  async #openOn(place: ModelPlace, provider: Provider, passedOver: readonly PassedOver[]): Promise<OpenModel> {
    const { folder, variant } = place
    if (provider === 'cpu') return { classifier: await openModelInThreads(folder, { variant }), passedOver }
    try {
      // One session fills a graphics processor.
      const options = { variant, provider, sessions: 1, maxBatch: GRAPHICS_BATCH }
      return { classifier: await openModelInThreads(folder, options), passedOver }
    } catch (error) {
      if (this.#wanted !== 'auto') throw error
      // It ran when it was tried; the processor always does.
      await this.#memory.forget()
      const reason = error instanceof Error ? error.message : String(error)
      return this.#openOn(place, 'cpu', [...passedOver, { provider, reason }])
    }
  }
}

/** As a run keeps it. */
export const nameOf = ({ manifest }: Classifier): string => `${manifest.name} ${manifest.version}`
