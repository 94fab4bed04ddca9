import * as ort from 'onnxruntime-node'
import type { ModelVariant } from '../../shared/contract/models.ts'
import { type Classified, type Classifier, joined } from './classifier.ts'
import type { ModelManifest } from './manifest.ts'
import { invalidModel, type ModelPackage, readPackage } from './package.ts'
import type { Provider } from './providers.ts'
import { areFinite, areProbabilities, softmaxRows, toInput } from './tensors.ts'
import { tryOut } from './try-out.ts'

/** Crops that go through the graph together: a model that looks at eight orientations gains nothing from more. */
export const DEFAULT_MAX_BATCH = 4
export const DEFAULT_THREADS = 2

export interface OpenOptions {
  /** Threads one inference uses. */
  readonly threads?: number
  /** Batches never reach across calls of `classify`. */
  readonly maxBatch?: number
  /** Which of the package's graphs; float by default. */
  readonly variant?: ModelVariant
  /** Execution provider; cpu by default. */
  readonly provider?: Provider
  /** Crops of the test vector it is tried on; 4 by default. */
  readonly triedCrops?: number
}

const OTHER_MODEL = 'Use a model package made for this version of Medulla.'

/** Crops of the test vector that are tried whenever a model is opened; adding or verifying a package tries them all. */
const TRIED_CROPS = 4

/**
 * Opens the model package in a folder and tries it on crops of its test vector, or on made-up ones where it has none.
 *
 * Rejects `model-missing` (a file is absent) and `model-invalid` (not the file the manifest describes; not an ONNX graph;
 * other names, shapes or classes than the manifest says; an output that is not a number; not the answers of the test vector).
 */
export async function openModel(folder: string, options: OpenOptions = {}): Promise<Classifier> {
  const model = await readPackage(folder, options.variant)
  const { classifier } = await openPackage(model, options)
  return classifier
}

/** As `openModel`; `off` is the largest difference to the test vector's answers, null where there is none. */
export async function openPackage(model: ModelPackage, options: OpenOptions) {
  const provider = options.provider ?? 'cpu'
  const session = await createSession(model, options.threads ?? DEFAULT_THREADS, provider)
  try {
    checkInterface(model, session)
    const classifier = new OnnxClassifier(model, session, options.maxBatch ?? DEFAULT_MAX_BATCH, provider)
    const off = await tryOut(model, classifier, options.triedCrops ?? TRIED_CROPS)
    return { classifier, off }
  } catch (error) {
    await session.release()
    throw error
  }
}

async function createSession(model: ModelPackage, threads: number, provider: Provider): Promise<ort.InferenceSession> {
  try {
    return await ort.InferenceSession.create(model.graph, {
      executionProviders: [provider],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      // Threads that spin while they wait take the cores that detection and tiles need: half as much processor time a cell without.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
      logSeverityLevel: 3,
    })
  } catch (cause) {
    const file = model.variant === 'float' ? model.manifest.file : model.manifest.int8?.file
    const reason = cause instanceof Error ? cause.message.split('\n', 1)[0] : String(cause)
    throw invalidModel(model.folder, `${file} is not a graph that can be run here (${reason})`, OTHER_MODEL, cause)
  }
}

/** The graph's names, types and shapes against the manifest's. */
function checkInterface({ folder, manifest }: ModelPackage, session: ort.InferenceSession): void {
  const { sizePx, layout, name, type } = manifest.input
  const input = session.inputMetadata.find((each) => each.name === name)
  if (!input?.isTensor || session.inputMetadata.length !== 1)
    throw invalidModel(folder, `its graph takes ${session.inputNames.join(', ')}, not ${name} alone`, OTHER_MODEL)
  if (input.type !== type) throw invalidModel(folder, `its graph takes ${input.type} crops, not ${type}`, OTHER_MODEL)
  const wanted = layout === 'NHWC' ? [null, sizePx, sizePx, 3] : [null, 3, sizePx, sizePx]
  if (!agrees(input.shape, wanted))
    throw invalidModel(folder, `its graph takes ${shapeText(input.shape)}, not ${shapeText(wanted)}`, OTHER_MODEL)
  const { output, classes } = manifest
  const count = classes.length
  checkOutput(folder, session, output.name, [null, count], `values where its manifest names ${count} classes`)
  if (output.embedding) {
    const { name: embedding, size } = output.embedding
    checkOutput(folder, session, embedding, [null, size], `values where its manifest says the embedding has ${size}`)
  }
  if (output.unfamiliarity)
    checkOutput(folder, session, output.unfamiliarity.name, [null], 'values where one unfamiliarity a crop is wanted')
}

function checkOutput(
  folder: string,
  session: ort.InferenceSession,
  name: string,
  wanted: Shape,
  otherwise: string,
): void {
  const output = session.outputMetadata.find((each) => each.name === name)
  if (!output?.isTensor)
    throw invalidModel(folder, `its graph gives ${session.outputNames.join(', ')}, not ${name}`, OTHER_MODEL)
  if (output.type !== 'float32') throw invalidModel(folder, `its graph gives ${output.type}, not float32`, OTHER_MODEL)
  if (!agrees(output.shape, wanted))
    throw invalidModel(folder, `its graph gives ${shapeText(output.shape)} ${otherwise}`, OTHER_MODEL)
}

type Shape = readonly (number | string | null)[]

/** Where both sides are numbers they must be equal; the first must be open, for batches. */
function agrees(actual: Shape, wanted: Shape): boolean {
  return (
    actual.length === wanted.length &&
    typeof actual[0] !== 'number' &&
    actual.every((size, i) => typeof size !== 'number' || wanted[i] === null || size === wanted[i])
  )
}

const shapeText = (shape: Shape): string => shape.map((size) => (typeof size === 'number' ? size : 'n')).join(' x ')

class OnnxClassifier implements Classifier {
  readonly manifest: ModelManifest
  readonly card: string
  readonly variant: ModelVariant
  readonly sha256: string
  readonly provider: Provider
  readonly #folder: string
  readonly #session: ort.InferenceSession
  readonly #maxBatch: number

  constructor(model: ModelPackage, session: ort.InferenceSession, maxBatch: number, provider: Provider) {
    this.provider = provider
    this.manifest = model.manifest
    this.card = model.card
    this.variant = model.variant
    this.sha256 = model.sha256
    this.#folder = model.folder
    this.#session = session
    this.#maxBatch = maxBatch
  }

  get classes() {
    return this.manifest.classes
  }

  async classify(crops: Uint8Array, n: number): Promise<Classified> {
    const { sizePx } = this.manifest.input
    const cropBytes = sizePx * sizePx * 3
    if (crops.length !== n * cropBytes)
      throw new RangeError(`${n} crops of ${sizePx} px need ${n * cropBytes} bytes, not ${crops.length}`)
    const parts: Classified[] = []
    for (let start = 0; start < n; start += this.#maxBatch) {
      const count = Math.min(this.#maxBatch, n - start)
      parts.push(await this.#run(crops.subarray(start * cropBytes, (start + count) * cropBytes), count))
    }
    return joined(parts, this.manifest)
  }

  async #run(crops: Uint8Array, n: number): Promise<Classified> {
    const { input, output, classes } = this.manifest
    const { type, data, dims } = toInput(crops, n, input)
    const names = [output.name, output.embedding?.name, output.unfamiliarity?.name].filter((name) => name !== undefined)
    const results = await this.#results(new ort.Tensor(type, data, dims), names)
    const probabilities = this.#values(results, output.name, n, classes.length, 'probabilities')
    if (output.kind === 'logits') softmaxRows(probabilities, classes.length)
    if (!areProbabilities(probabilities, classes.length))
      throw invalidModel(this.#folder, 'its output is not a set of probabilities (or not a number at all)', OTHER_MODEL)
    const { embedding, unfamiliarity } = output
    return {
      probabilities,
      embedding: embedding ? this.#finite(results, embedding.name, n, embedding.size, 'embedding') : null,
      unfamiliarity: unfamiliarity ? this.#finite(results, unfamiliarity.name, n, 1, 'unfamiliarity') : null,
    }
  }

  async #results(crops: ort.Tensor, names: string[]): Promise<ort.InferenceSession.OnnxValueMapType> {
    try {
      return await this.#session.run({ [this.manifest.input.name]: crops }, names)
    } catch (cause) {
      throw invalidModel(this.#folder, 'its graph failed while it ran', OTHER_MODEL, cause)
    }
  }

  #values(results: ort.InferenceSession.OnnxValueMapType, name: string, n: number, width: number, what: string) {
    const values = results[name]?.data
    if (values instanceof Float32Array && values.length === n * width) return values
    const found = values instanceof Float32Array ? `${values.length} values` : 'no numbers'
    throw invalidModel(this.#folder, `its graph gave ${found} for ${n} crops and ${width} ${what} each`, OTHER_MODEL)
  }

  #finite(results: ort.InferenceSession.OnnxValueMapType, name: string, n: number, width: number, what: string) {
    const values = this.#values(results, name, n, width, what)
    if (areFinite(values)) return values
    throw invalidModel(this.#folder, `its ${what} is not a number`, OTHER_MODEL)
  }

  async close(): Promise<void> {
    await this.#session.release()
  }
}
