import type { ModelInfo } from '../../shared/contract/models.ts'
import type { LoadedModel } from './classifier.ts'
import type { ModelManifest } from './manifest.ts'

/** What the contract says about a model. */
export function modelInfo({
  manifest,
  card,
  variant,
  sha256,
}: Pick<LoadedModel, 'manifest' | 'card' | 'variant' | 'sha256'>): ModelInfo {
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
    candidates: manifest.candidates ?? null,
    measured: manifest.measured ?? null,
    embeddingSize: manifest.output.embedding?.size ?? null,
    card,
  }
}

/** What the contract says about a package's full graph, which need not be open. */
export function describedModel({ manifest, card }: { manifest: ModelManifest; card: string }): ModelInfo {
  return modelInfo({ manifest, card, variant: 'float', sha256: manifest.sha256 })
}
