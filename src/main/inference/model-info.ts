import type { ModelInfo } from '../../shared/contract/system.ts'
import type { Classifier } from './classifier.ts'

/** What the contract says about a model. */
export function modelInfo({ manifest, card }: Classifier): ModelInfo {
  return {
    name: manifest.name,
    version: manifest.version,
    classes: [...manifest.classes],
    inputPx: manifest.input.sizePx,
    pixelSizeUm: manifest.input.pixelSizeUm,
    licence: manifest.licence,
    evidence: manifest.evidence,
    card,
  }
}
