import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { writeWhole } from '../durable-files.ts'
import { type ChosenProvider, RUNTIME } from '../inference/choose-provider.ts'
import { PROVIDERS } from '../inference/providers.ts'

/** Drivers come and go: after this the providers are tried again. */
const KEPT_MS = 7 * 24 * 3600 * 1000

const provider = z.enum(PROVIDERS)
const entry = z.object({
  provider,
  passedOver: z.array(z.object({ provider, reason: z.string() })),
  at: z.number(),
})
const memory = z.object({ runtime: z.string(), graphs: z.record(z.string(), entry) })

/** Trying providers takes seconds, so what came of it is kept in the data folder, by graph. It may be deleted at any time. */
export class ProviderMemory {
  readonly #path: string

  constructor(modelsFolder: string) {
    this.#path = join(modelsFolder, 'providers.json')
  }

  /** null: not known, or too long ago, or with another onnxruntime. */
  async recall(sha256: string, nowMs = Date.now()): Promise<ChosenProvider | null> {
    const known = (await this.#read())[sha256]
    return known && nowMs - known.at < KEPT_MS && nowMs >= known.at ? known : null
  }

  /** A disk that cannot be written is met where it matters. */
  async keep(sha256: string, { provider: taken, passedOver }: ChosenProvider, nowMs = Date.now()): Promise<void> {
    const graphs = { ...(await this.#read()), [sha256]: { provider: taken, passedOver, at: nowMs } }
    await writeWhole(this.#path, `${JSON.stringify({ runtime: RUNTIME, graphs })}\n`).catch(() => undefined)
  }

  /** So that the next choice is made anew. */
  async forget(): Promise<void> {
    await rm(this.#path, { force: true })
  }

  async #read(): Promise<z.infer<typeof memory>['graphs']> {
    try {
      const kept = memory.parse(JSON.parse(await readFile(this.#path, 'utf8')))
      return kept.runtime === RUNTIME ? kept.graphs : {}
    } catch {
      return {}
    }
  }
}
