import { readdir, readFile, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { type ModelVariant, modelVariant } from '../../../shared/contract/models.ts'
import { MedullaError } from '../../../shared/errors.ts'
import { diskError } from '../../disk-errors.ts'
import { syncFolder, writeWhole } from '../../durable-files.ts'
import type { ModelManifest } from '../manifest.ts'
import { readDescription } from '../package.ts'
import { type AddedPackage, addPackage } from './add-package.ts'
import { isStorable, type ModelRef, parseModelRef, refText } from './model-ref.ts'
import { closeRoom, openRoom } from './rooms.ts'

/** A package that can be used by its name. */
export interface StoredModel {
  readonly name: string
  readonly version: string
  readonly folder: string
  /** It comes with Medulla and cannot be removed. */
  readonly bundled: boolean
  /** null: the package is damaged. */
  readonly manifest: ModelManifest | null
  readonly problem: MedullaError | null
}

const choice = z.object({ name: z.string(), version: z.string(), variant: modelVariant })
/** Which model is in use. */
export type ModelChoice = z.infer<typeof choice>

const IN_USE = 'in-use.json'

/**
 * Model packages in the data folder, one folder each, named NAME@VERSION and never changed, beside the one that comes with
 * Medulla; and which of them is in use. Several processes may use one store.
 */
export class ModelStore {
  readonly #folder: string
  readonly #bundled: string

  /** @param folder made when the first package is added. @param bundled the package that comes with Medulla. */
  constructor(folder: string, bundled: string) {
    this.#folder = folder
    this.#bundled = bundled
  }

  /** The one that comes with Medulla first, then by name and version. */
  async list(): Promise<StoredModel[]> {
    const names = await readdir(this.#folder).catch(() => [])
    const isPlace = (name: string) => name.split('@').length === 2 && name.split('@').every(isStorable)
    const stored = names.filter(isPlace).sort(new Intl.Collator('en', { numeric: true }).compare)
    const others = await Promise.all(stored.map((name) => describe(join(this.#folder, name), parseModelRef(name))))
    return [await describe(this.#bundled, null), ...others]
  }

  /** Rejects `model-missing` where there is none of that name, `invalid-input` where the version has to be said. */
  async find(ref: ModelRef): Promise<StoredModel> {
    const all = await this.list()
    const found = all.filter(({ name, version }) => name === ref.name && version === (ref.version ?? version))
    if (found.length === 1) return found[0]!
    if (found.length === 0) {
      throw new MedullaError('model-missing', `There is no model ${refText(ref)} here.`, {
        remedy: `Add its package ("model add PATH"), or use one of ${all.map(refText).join(', ')}.`,
        values: { model: refText(ref) },
      })
    }
    throw new MedullaError('invalid-input', `There are ${found.length} versions of ${ref.name}.`, {
      remedy: `Say which: ${found.map(refText).join(', ')}.`,
      values: { model: ref.name },
    })
  }

  /** See `addPackage`. */
  add(path: string): Promise<AddedPackage> {
    return addPackage(path, this.#folder, [this.#bundled])
  }

  /** What was chosen; null: nothing, so the one that comes with Medulla. Rejects `model-invalid` where the choice cannot be read. */
  async chosen(): Promise<ModelChoice | null> {
    const path = join(this.#folder, IN_USE)
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null
      throw unreadableChoice(path, error)
    })
    if (text === null) return null
    try {
      return choice.parse(JSON.parse(text))
    } catch (cause) {
      throw unreadableChoice(path, cause)
    }
  }

  /** Rejects `disk-full`, `data-unwritable`. */
  async choose(chosen: ModelChoice): Promise<void> {
    try {
      await writeWhole(join(this.#folder, IN_USE), `${JSON.stringify(chosen)}\n`)
    } catch (error) {
      throw diskError(error, this.#folder) ?? error
    }
  }

  /** Whether the model may go is the caller's to know. */
  async remove({ folder }: StoredModel): Promise<void> {
    try {
      // Out of sight in one step, so that nobody meets half a package.
      const room = await openRoom(this.#folder)
      await rename(folder, join(room, 'removed'))
      await syncFolder(this.#folder)
      await closeRoom(room)
    } catch (error) {
      throw diskError(error, folder) ?? error
    }
  }
}

/** Bytes of the files in a package's folder. */
export async function packageBytes(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => [])
  const sizes = await Promise.all(
    names.map(async (name) => (await stat(join(folder, name)).catch(() => null))?.size ?? 0),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** Which variants a package has. */
export const variantsOf = (manifest: ModelManifest): ModelVariant[] => (manifest.int8 ? ['float', 'int8'] : ['float'])

/** `ref`: what its folder is called; null: whatever it says itself. */
async function describe(folder: string, ref: ModelRef | null): Promise<StoredModel> {
  const bundled = ref === null
  try {
    const { manifest } = await readDescription(folder)
    const { name, version } = manifest
    if (ref && (name !== ref.name || version !== ref.version)) throw renamed(folder, name, version)
    return { name, version, folder, bundled, manifest, problem: null }
  } catch (error) {
    if (!(error instanceof MedullaError)) throw error
    return {
      name: ref?.name ?? 'bundled',
      version: ref?.version ?? '0',
      folder,
      bundled,
      manifest: null,
      problem: error,
    }
  }
}

function renamed(folder: string, name: string, version: string): MedullaError {
  return new MedullaError('model-invalid', `The package in ${folder} is ${name}@${version}.`, {
    remedy: 'Remove it and add the package again.',
    values: { folder },
  })
}

function unreadableChoice(path: string, cause: unknown): MedullaError {
  return new MedullaError(
    'model-invalid',
    `Which model is in use cannot be read from ${path}.`,
    { remedy: 'Choose one anew: "model use NAME@VERSION".', values: { path } },
    { cause },
  )
}
