import type { ClassCode } from '../../shared/taxonomy.ts'
import type { ModelManifest } from './manifest.ts'

/** A loaded model. */
export interface Classifier {
  readonly manifest: ModelManifest
  /** The package's card, Markdown. */
  readonly card: string
  /** In the order of the probabilities. */
  readonly classes: readonly ClassCode[]
  /**
   * @param crops n x inputPx x inputPx x 3, RGB, 8 bit, at the manifest's pixel size.
   * @returns n x classes, probabilities that sum to 1 in each row. The same crops give the same probabilities bit for bit.
   */
  classify(crops: Uint8Array, n: number): Promise<Float32Array>
  close(): Promise<void>
}
