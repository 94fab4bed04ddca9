import { availableParallelism } from 'node:os'
import type { ModelVariant } from '../../shared/contract/models.ts'
import type { Classifier } from './classifier.ts'
import { type Failure, failureOf } from './failure.ts'
import { openPackage } from './open-model.ts'
import { type ModelPackage, readPackage } from './package.ts'
import { GRAPHICS_BATCH, type Provider } from './providers.ts'
import { largestDifference } from './tensors.ts'
import { madeUpCrops } from './try-out.ts'

/** What this program is asked, once, by message; it is a process of its own, as what it tries may bring it down. */
export type TrialQuestion =
  | { readonly task: 'check'; readonly folder: string }
  | {
      readonly task: 'provider'
      readonly folder: string
      readonly variant: ModelVariant
      readonly provider: Provider
    }

export interface CheckedGraph {
  readonly variant: ModelVariant
  readonly sha256: string
  /** Of a probability to the one the test vector states; null: the package has no test vector. */
  readonly difference: number | null
  readonly tolerance: number | null
}

export interface ProviderTrial {
  /** Of a probability to the processor's. */
  readonly difference: number
  /** For the same crops, the quickest of several times. */
  readonly ms: number
  readonly cpuMs: number
}

export type TrialAnswer =
  | { readonly graphs: readonly CheckedGraph[] }
  | { readonly trial: ProviderTrial }
  | { readonly failure: Failure }

/** Enough for each provider to show its pace, whatever else the machine does. */
const TIMED_CROPS = 32
const TIMES = 3

process.once('message', (question: TrialQuestion) => {
  answer(question).then(tell, (error: unknown) => tell({ failure: failureOf(error) }))
})

function tell(reply: TrialAnswer): void {
  process.send?.(reply, () => process.exit(0))
}

async function answer(question: TrialQuestion): Promise<TrialAnswer> {
  if (question.task === 'check') return { graphs: await check(question.folder) }
  const model = await readPackage(question.folder, question.variant)
  return { trial: await compare(model, question.provider) }
}

async function check(folder: string): Promise<CheckedGraph[]> {
  const graphs: CheckedGraph[] = []
  const { manifest } = await readPackage(folder)
  for (const variant of manifest.int8 ? (['float', 'int8'] as const) : (['float'] as const)) {
    const model = await readPackage(folder, variant)
    const { classifier, off } = await openPackage(model, { triedCrops: Number.POSITIVE_INFINITY })
    // Crops nobody chose: whatever the model says of them has to be a number.
    const { sizePx } = manifest.input
    await classifier.classify(madeUpCrops(sizePx), 2)
    await classifier.close()
    graphs.push({
      variant,
      sha256: model.sha256,
      difference: off,
      tolerance: model.testVector?.tolerance ?? null,
    })
  }
  return graphs
}

async function compare(model: ModelPackage, provider: Provider): Promise<ProviderTrial> {
  const crops = timedCrops(model)
  const run = async (on: Provider, maxBatch: number) => {
    const { classifier } = await openPackage(model, { provider: on, maxBatch, threads: availableParallelism() })
    await classifier.classify(crops, TIMED_CROPS)
    const timed = await timedAnswer(classifier, crops)
    await classifier.close()
    return timed
  }
  // One that does not run at all is found out at once.
  const other = await run(provider, GRAPHICS_BATCH).catch((error: unknown) => {
    throw error instanceof Error && error.cause instanceof Error ? error.cause : error
  })
  const cpu = await run('cpu', 1)
  return { difference: largestDifference(other.probabilities, cpu.probabilities), ms: other.ms, cpuMs: cpu.ms }
}

async function timedAnswer(classifier: Classifier, crops: Uint8Array) {
  let quickestMs = Number.POSITIVE_INFINITY
  let probabilities: Float32Array = new Float32Array()
  for (let time = 0; time < TIMES; time++) {
    const startMs = performance.now()
    probabilities = (await classifier.classify(crops, TIMED_CROPS)).probabilities
    quickestMs = Math.min(quickestMs, performance.now() - startMs)
  }
  return { probabilities, ms: quickestMs }
}

/** The test vector's crops, or made-up ones, over and over. */
function timedCrops({ manifest, testVector }: ModelPackage): Uint8Array {
  const { sizePx } = manifest.input
  const some = testVector?.crops ?? madeUpCrops(sizePx)
  const crops = new Uint8Array(TIMED_CROPS * sizePx * sizePx * 3)
  for (let at = 0; at < crops.length; at += some.length) crops.set(some.subarray(0, crops.length - at), at)
  return crops
}
