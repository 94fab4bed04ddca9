import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { z } from 'zod'
import type {
  MeasuredSet,
  ModelVariant,
  Verification,
  VerifiedSet,
  verificationEvent,
} from '../../shared/contract/models.ts'
import { classificationFigures } from '../../shared/evaluation/classification.ts'
import { checkPackage } from '../inference/check-package.ts'
import type { Classifier } from '../inference/classifier.ts'
import type { ModelManifest } from '../inference/manifest.ts'
import { progressStream } from '../progress-stream.ts'
import { judgeCrops } from './evaluate.ts'

export type VerificationEvent = z.infer<typeof verificationEvent>

export interface VerifyRequest {
  /** Of the package. */
  readonly folder: string
  readonly manifest: ModelManifest
  /** Where the images of the stated figures lie; null: they are not measured. */
  readonly dataFolder: string | null
  /** Does something with one of the package's graphs. */
  readonly withGraph: <T>(variant: ModelVariant, work: (classifier: Classifier) => Promise<T>) => Promise<T>
  readonly signal?: AbortSignal
}

type Figures = NonNullable<VerifiedSet['measured']>
const COMPARED = ['balancedAccuracy', 'accuracy', 'calibrationError'] as const

/**
 * Whether a package is what it says: the hash of each graph, its answers to the test crops, and, on the images it was validated on,
 * the figures it states, measured as `evaluate` measures them. Rejects `model-invalid` where a graph or an answer is another.
 */
export async function* verifyModel(request: VerifyRequest): AsyncGenerator<VerificationEvent, void> {
  const { folder, manifest, dataFolder } = request
  yield { state: 'working', activity: 'graphs and test crops', done: 0, of: 0 }
  const graphs = (await checkPackage(folder)).map((graph) => ({ ...graph, testCrops: manifest.testVector?.n ?? null }))
  const sets: VerifiedSet[] = []
  for (const stated of dataFolder === null ? [] : (manifest.measured ?? [])) {
    const measured = existsSync(join(dataFolder!, stated.path)) ? yield* measure(stated, request) : null
    sets.push({ stated, measured, holds: measured && agrees(stated, measured) })
  }
  const verification: Verification = {
    model: `${manifest.name} ${manifest.version}`,
    graphs,
    sets,
    dataFolder,
    holds: sets.every(({ holds }) => holds !== false),
  }
  yield { state: 'ready', verification }
}

/** The figures a manifest states of a set, measured on these images. */
export async function* measure(
  stated: Pick<MeasuredSet, 'path' | 'pixelSizeUm' | 'split' | 'variant'>,
  { dataFolder, withGraph, signal }: Pick<VerifyRequest, 'dataFolder' | 'withGraph' | 'signal'>,
): AsyncGenerator<VerificationEvent, Figures> {
  const { pixelSizeUm, split, variant } = stated
  const set = { path: join(dataFolder!, stated.path), pixelSizeUm, split }
  const activity = `${basename(stated.path)}, ${variant} graph`
  const judged = yield* progressStream<VerificationEvent, Awaited<ReturnType<typeof judgeCrops>>>((tell) =>
    withGraph(variant, (classifier) =>
      judgeCrops(set, classifier, { signal, onNamed: (done, of) => tell({ state: 'working', activity, done, of }) }),
    ),
  )
  const { n, balancedAccuracy, accuracy, calibrationError } = classificationFigures(judged)
  // A set is never empty.
  return { n, balancedAccuracy: balancedAccuracy!, accuracy: accuracy.value!, calibrationError: calibrationError! }
}

function agrees(stated: MeasuredSet, measured: Figures): boolean {
  return (
    stated.n === measured.n &&
    COMPARED.every((figure) => Math.abs(stated[figure] - measured[figure]) <= stated.tolerance)
  )
}
