import type { ModelInfo } from '../../shared/contract/models.ts'
import type { LoadedModel } from './classifier.ts'

/** What the contract says about a model. */
export function modelInfo({ manifest, card, variant, sha256 }: LoadedModel): ModelInfo {
  return {
    name: manifest.name,
    version: manifest.version,
    sha256,
    variant,
    classes: [...manifest.classes],
    inputPx: manifest.input.sizePx,
    pixelSizeUm: manifest.input.pixelSizeUm,
    licence: manifest.licence,
    sources: manifest.sources,
    evidence: manifest.evidence,
    unsure: manifest.unsure ?? null,
    unfamiliar: manifest.unfamiliar ?? null,
    confusion: manifest.confusion ?? null,
    confusionRendered: manifest.confusionRendered ?? null,
    measured: manifest.measured ?? null,
    embeddingSize: manifest.output.embedding?.size ?? null,
    card,
  }
}
