import type { ClassTrust } from '../../../shared/contract/evidence.ts'
import type { ModelInfo } from '../../../shared/contract/models.ts'
import type { ClassCode } from '../../../shared/taxonomy.ts'
import { bench } from '../../app/bench.ts'

/** What a model said of itself, and what that is worth class by class. */
export interface ModelTrust {
  readonly model: ModelInfo | null
  readonly classes: ReadonlyMap<ClassCode, ClassTrust>
}

/** Of a run's model (its own, or another that read it), or of a package, NAME@VERSION; of neither: of the model in use. */
export async function askForTrust(
  whose: { readonly runId?: number; readonly modelId?: number | null; readonly model?: string | null },
  signal?: AbortSignal,
): Promise<ModelTrust> {
  const { model, trust } = await bench.evidence.model(whose, { signal })
  return { model, classes: new Map(trust.map((entry) => [entry.class, entry])) }
}
