import * as ort from 'onnxruntime-node'
import type { Classifier } from './classifier.ts'
import type { ModelManifest } from './manifest.ts'
import { invalidModel, type ModelPackage, readPackage } from './package.ts'
import { areProbabilities, softmaxRows, toInput } from './tensors.ts'

/** Crops that go through the graph together: a model that looks at eight orientations gains nothing from more. */
export const DEFAULT_MAX_BATCH = 4
export const DEFAULT_THREADS = 2

export interface OpenOptions {
  /** Threads one inference uses. */
  readonly threads?: number
  /** Batches never reach across calls of `classify`. */
  readonly maxBatch?: number
}

const OTHER_MODEL = 'Use a model package made for this version of Medulla.'

/**
 * Opens the model package in a folder and tries it on two made-up crops.
 *
 * Rejects `model-missing` (a file is absent) and `model-invalid` (not the file the manifest describes; not an ONNX graph;
 * other names, shapes or classes than the manifest says; an output that is not a number).
 */
export async function openModel(folder: string, options: OpenOptions = {}): Promise<Classifier> {
  const model = await readPackage(folder)
  const session = await createSession(model, options.threads ?? DEFAULT_THREADS)
  try {
    checkInterface(model, session)
    const classifier = new OnnxClassifier(model, session, options.maxBatch ?? DEFAULT_MAX_BATCH)
    await classifier.classify(testCrops(model.manifest.input.sizePx), 2)
    return classifier
  } catch (error) {
    await session.release()
    throw error
  }
}

async function createSession(model: ModelPackage, threads: number): Promise<ort.InferenceSession> {
  try {
    return await ort.InferenceSession.create(model.graph, {
      executionProviders: ['cpu'],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      // Threads that spin while they wait take the cores that detection and tiles need: half as much processor time a cell without.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
      logSeverityLevel: 3,
    })
  } catch (cause) {
    throw invalidModel(model.folder, `${model.manifest.file} is not a graph that can be run here`, OTHER_MODEL, cause)
  }
}

/** The graph's names, types and shapes against the manifest's. */
function checkInterface({ folder, manifest }: ModelPackage, session: ort.InferenceSession): void {
  const { sizePx, layout, name, type } = manifest.input
  const input = session.inputMetadata.find((each) => each.name === name)
  const output = session.outputMetadata.find((each) => each.name === manifest.output.name)
  if (!input?.isTensor || session.inputMetadata.length !== 1)
    throw invalidModel(folder, `its graph takes ${session.inputNames.join(', ')}, not ${name} alone`, OTHER_MODEL)
  if (!output?.isTensor)
    throw invalidModel(
      folder,
      `its graph gives ${session.outputNames.join(', ')}, not ${manifest.output.name}`,
      OTHER_MODEL,
    )
  if (input.type !== type) throw invalidModel(folder, `its graph takes ${input.type} crops, not ${type}`, OTHER_MODEL)
  if (output.type !== 'float32') throw invalidModel(folder, `its graph gives ${output.type}, not float32`, OTHER_MODEL)
  const wanted = layout === 'NHWC' ? [null, sizePx, sizePx, 3] : [null, 3, sizePx, sizePx]
  if (!agrees(input.shape, wanted))
    throw invalidModel(folder, `its graph takes ${shapeText(input.shape)}, not ${shapeText(wanted)}`, OTHER_MODEL)
  if (!agrees(output.shape, [null, manifest.classes.length]))
    throw invalidModel(
      folder,
      `its graph gives ${shapeText(output.shape)} values where its manifest names ${manifest.classes.length} classes`,
      OTHER_MODEL,
    )
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

/** Two made-up crops: a dark disc on a bright ground, and a ramp through all values. */
function testCrops(sizePx: number): Uint8Array {
  const plane = sizePx * sizePx
  const crops = new Uint8Array(2 * plane * 3)
  for (let y = 0; y < sizePx; y++) {
    for (let x = 0; x < sizePx; x++) {
      const at = (y * sizePx + x) * 3
      const inside = Math.hypot(x - sizePx / 2, y - sizePx / 2) < sizePx / 4
      crops.set(inside ? [90, 60, 140] : [230, 225, 220], at)
      crops.fill((x * 7 + y * 3) & 255, plane * 3 + at, plane * 3 + at + 3)
    }
  }
  return crops
}

class OnnxClassifier implements Classifier {
  readonly manifest: ModelManifest
  readonly card: string
  readonly #folder: string
  readonly #session: ort.InferenceSession
  readonly #maxBatch: number

  constructor(model: ModelPackage, session: ort.InferenceSession, maxBatch: number) {
    this.manifest = model.manifest
    this.card = model.card
    this.#folder = model.folder
    this.#session = session
    this.#maxBatch = maxBatch
  }

  get classes() {
    return this.manifest.classes
  }

  async classify(crops: Uint8Array, n: number): Promise<Float32Array> {
    const { sizePx } = this.manifest.input
    const cropBytes = sizePx * sizePx * 3
    if (crops.length !== n * cropBytes)
      throw new RangeError(`${n} crops of ${sizePx} px need ${n * cropBytes} bytes, not ${crops.length}`)
    const width = this.classes.length
    const probabilities = new Float32Array(n * width)
    for (let start = 0; start < n; start += this.#maxBatch) {
      const count = Math.min(this.#maxBatch, n - start)
      const rows = await this.#run(crops.subarray(start * cropBytes, (start + count) * cropBytes), count)
      probabilities.set(rows, start * width)
    }
    return probabilities
  }

  async #run(crops: Uint8Array, n: number): Promise<Float32Array> {
    const { input, output, classes } = this.manifest
    const { type, data, dims } = toInput(crops, n, input)
    const values = await this.#output(new ort.Tensor(type, data, dims))
    if (values.length !== n * classes.length) {
      const what = `its graph gave ${values.length} values for ${n} crops and ${classes.length} classes`
      throw invalidModel(this.#folder, what, OTHER_MODEL)
    }
    if (output.kind === 'logits') softmaxRows(values, classes.length)
    if (!areProbabilities(values, classes.length))
      throw invalidModel(this.#folder, 'its output is not a set of probabilities (or not a number at all)', OTHER_MODEL)
    return values
  }

  async #output(crops: ort.Tensor): Promise<Float32Array> {
    const { input, output } = this.manifest
    let results: ort.InferenceSession.OnnxValueMapType
    try {
      results = await this.#session.run({ [input.name]: crops }, [output.name])
    } catch (cause) {
      throw invalidModel(this.#folder, 'its graph failed while it ran', OTHER_MODEL, cause)
    }
    const values = results[output.name]?.data
    return values instanceof Float32Array ? values : new Float32Array(0)
  }

  async close(): Promise<void> {
    await this.#session.release()
  }
}
