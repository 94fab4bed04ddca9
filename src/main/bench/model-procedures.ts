import { implement } from '@orpc/server'
import type { Logger } from 'pino'
import { contract } from '../../shared/contract/index.ts'
import type { ModelVariant, StoredModel } from '../../shared/contract/models.ts'
import { MedullaError } from '../../shared/errors.ts'
import type { Casebook } from '../casebook/casebook.ts'
import type { Classifier } from '../inference/classifier.ts'
import { describedModel } from '../inference/model-info.ts'
import { readDescription } from '../inference/package.ts'
import { packageBytes, type StoredModel as Stored, variantsOf } from '../inference/store/model-store.ts'
import { type VerificationEvent, verifyModel } from '../reference/verify.ts'
import { asMedullaError, withBoundaryErrors } from './boundary-errors.ts'
import type { Models } from './models.ts'
import type { BorrowedModel } from './shared-model.ts'

export interface ModelParts {
  readonly models: Models
  readonly casebook: Casebook
  readonly log: Logger
}

/** The procedures about model packages. */
export function modelProcedures({ models, casebook, log }: ModelParts) {
  const os = implement(contract.models)

  async function inUse() {
    const { folder } = await models.placeInUse().catch(() => ({ folder: null }))
    try {
      const borrowed = await models.borrow()
      borrowed.giveBack()
      return { folder, inUse: runningOn(borrowed), problem: null }
    } catch (error) {
      const { message, detail } = asMedullaError(error, log)
      return { folder, inUse: null, problem: { message, remedy: detail.remedy } }
    }
  }

  async function requireRemovable(model: Stored): Promise<void> {
    const name = `${model.name}@${model.version}`
    const refuse = (why: string, remedy: string) => {
      throw new MedullaError('invalid-input', `${name} ${why}.`, { remedy, values: { model: name } })
    }
    if (model.bundled) refuse('comes with Medulla and stays', 'Use another one: "model use NAME".')
    const chosen = await models.store.chosen().catch(() => null)
    const { folder } = await models.placeInUse().catch(() => ({ folder: null }))
    if (folder === model.folder || (chosen?.name === model.name && chosen.version === model.version))
      refuse('is in use', 'Choose another one first: "model use NAME".')
    const run = casebook
      .listCases()
      .flatMap((entry) => entry.runs)
      .find(({ state, model: used }) => (state === 'scanning' || state === 'paused') && used === nameOf(model))
    if (run) refuse(`reads the cells of run ${run.runId}, which goes on`, 'Wait for the end of that run, or stop it.')
  }

  async function* verify(
    { model, dataFolder }: { model: string | null; dataFolder: string | null },
    signal?: AbortSignal,
  ): AsyncGenerator<VerificationEvent, void> {
    const { folder } = model === null ? await models.placeInUse() : await models.find(model)
    const { manifest } = await readDescription(folder)
    const withGraph = async <T>(variant: ModelVariant, work: (classifier: Classifier) => Promise<T>) => {
      const borrowed = await models.borrowAt({ folder, variant })
      return work(borrowed.classifier).finally(() => borrowed.giveBack())
    }
    yield* verifyModel({ folder, manifest, dataFolder, withGraph, signal })
  }

  return os.router({
    list: os.list.handler(async () => {
      const { folder, ...rest } = await inUse()
      const stored = await Promise.all((await models.store.list()).map((model) => toContract(model, folder)))
      return { models: stored, ...rest, overridden: models.isOverridden }
    }),
    get: os.get.handler(async ({ input }) => {
      const { folder } = await models.find(input.model)
      return describedModel(await readDescription(folder))
    }),
    add: os.add.handler(async ({ input }) => {
      const { name, version } = await models.store.add(input.path)
      log.info({ model: `${name}@${version}`, path: input.path }, 'a model package was added')
      return toContract(await models.store.find({ name, version }), null)
    }),
    use: os.use.handler(async ({ input }) => {
      const { name, version, folder } = await models.find(input.model)
      // Opened before it is chosen: one that cannot be used leaves the old one in use.
      const borrowed = await models.borrowAt({ folder, variant: input.variant })
      try {
        await models.store.choose({ name, version, variant: input.variant })
        return runningOn(borrowed)
      } finally {
        borrowed.giveBack()
      }
    }),
    remove: os.remove.handler(async ({ input }) => {
      const model = await models.find(input.model)
      await requireRemovable(model)
      await models.store.remove(model)
      return { removed: `${model.name}@${model.version}` }
    }),
    verify: os.verify.handler(({ input, signal }) => withBoundaryErrors(verify(input, signal), log)),
  })
}

async function toContract(model: Stored, folderInUse: string | null): Promise<StoredModel> {
  const { name, version, bundled, folder, manifest, problem } = model
  return {
    name,
    version,
    bundled,
    inUse: folder === folderInUse,
    variants: manifest ? variantsOf(manifest) : [],
    classes: manifest?.classes.length ?? null,
    bytes: await packageBytes(folder),
    problem: problem && { message: problem.message, remedy: problem.detail.remedy },
  }
}

function runningOn({ classifier, passedOver }: BorrowedModel) {
  const { manifest, variant, provider } = classifier
  return { name: manifest.name, version: manifest.version, variant, provider, passedOver: [...passedOver] }
}

const nameOf = ({ name, version }: Stored) => `${name} ${version}`
