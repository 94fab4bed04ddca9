import type { ModelVariant } from '../../shared/contract/models.ts'
import type { ClassCode } from '../../shared/taxonomy.ts'
import type { ModelManifest } from './manifest.ts'
import type { Provider } from './providers.ts'

/** What a model says of n crops. */
export interface Classified {
  /** n x classes, rows sum to 1. */
  readonly probabilities: Float32Array
  /** n x `output.embedding.size`, a feature vector a crop; null: the model gives none. */
  readonly embedding: Float32Array | null
  /** n, how far each crop lies from what the model was trained on; null: the model cannot tell. */
  readonly unfamiliarity: Float32Array | null
}

/** What a loaded model is. */
export interface LoadedModel {
  readonly manifest: ModelManifest
  /** The package's card, Markdown. */
  readonly card: string
  /** In the order of the probabilities. */
  readonly classes: readonly ClassCode[]
  /** Which of the package's graphs is loaded. */
  readonly variant: ModelVariant
  /** Of the graph that is loaded, lower case hex. */
  readonly sha256: string
  /** The execution provider it runs on. */
  readonly provider: Provider
}

/** A loaded model at work. */
export interface Classifier extends LoadedModel {
  /**
   * The same crops give the same answers bit for bit.
   * @param crops n x inputPx x inputPx x 3, RGB, 8 bit, at the manifest's pixel size.
   */
  classify(crops: Uint8Array, n: number): Promise<Classified>
  close(): Promise<void>
}

/** The answers to the parts of a call, in order, as the answer to the whole of it. */
export function joined(parts: readonly Classified[], { output }: ModelManifest): Classified {
  const join = (values: readonly (Float32Array | null)[]) => concatenated(values.filter((part) => part !== null))
  return {
    probabilities: join(parts.map((part) => part.probabilities)),
    embedding: output.embedding ? join(parts.map((part) => part.embedding)) : null,
    unfamiliarity: output.unfamiliarity ? join(parts.map((part) => part.unfamiliarity)) : null,
  }
}

function concatenated(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let end = 0
  for (const part of parts) {
    whole.set(part, end)
    end += part.length
  }
  return whole
}
