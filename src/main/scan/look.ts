import type { FieldQuality } from '../../shared/contract/quality.ts'
import { contains, type FieldPx, fieldPx, fieldToSlide, type Rect } from '../../shared/geometry.ts'
import type { NewCell, Said } from '../casebook/casebook.ts'
import type { Classified, Classifier } from '../inference/classifier.ts'
import { letGo } from '../let-go.ts'
import type { Analyser } from '../vision/analysis.ts'
import type { CapturedField } from './field-source.ts'
import { seamRules, searchArea } from './ownership.ts'

/** A field and every cell in it or on its seam, named where there is a model; not yet decided which of them count. */
export interface LookedField {
  readonly captured: CapturedField
  readonly cells: readonly NewCell[]
  readonly quality: FieldQuality
}

export type Look = (captured: CapturedField) => Promise<LookedField>

/**
 * Pixels in, named cells out. Fields are analysed and classified side by side; analyser and classifier take them in the order
 * they come. A field is always one call, so its answers do not depend on what else is in work.
 */
export function createLook(analyser: Analyser, classifier: Classifier | null): Look {
  const scale = classifier && {
    inputPx: classifier.manifest.input.sizePx,
    pixelSizeUm: classifier.manifest.input.pixelSizeUm,
  }
  return async (captured) => {
    const within = ownArea(captured)
    const found = await analyser.analyse(captured.image, captured.pixelSizeUm, scale, within)
    const n = found.detections.length
    const classified = classifier && found.modelCrops && n > 0 ? await classifier.classify(found.modelCrops, n) : null
    if (found.modelCrops) letGo(found.modelCrops)
    const cells = found.detections.map((detection, i): NewCell => {
      const at = fieldToSlide(fieldPx(detection.xPx, detection.yPx), captured.origin)
      return {
        ...detection,
        slideX: at.x,
        slideY: at.y,
        cropJpeg: found.cropJpegs[i],
        said: classified && saidOf(classified, i, n),
      }
    })
    return { captured, cells, quality: found.quality }
  }
}

/** What was said of one of n crops. */
export function saidOf({ probabilities, embedding, unfamiliarity }: Classified, i: number, n: number): Said {
  const row = (values: Float32Array) => values.slice((i * values.length) / n, ((i + 1) * values.length) / n)
  return {
    probabilities: row(probabilities),
    embedding: embedding && row(embedding),
    unfamiliarity: unfamiliarity?.[i] ?? null,
  }
}

/** Where to look, in the image; null: everywhere, as the field owns its whole image. */
function ownArea(captured: CapturedField): Rect<FieldPx> | null {
  const { image, origin, seen } = captured
  const whole = { origin, width: image.widthPx, height: image.heightPx }
  const ownsAll = contains(seen, origin) && seen.width >= whole.width && seen.height >= whole.height
  if (ownsAll) return null
  const area = searchArea(seen, seamRules(captured.pixelSizeUm))
  return {
    origin: fieldPx(area.origin.x - origin.x, area.origin.y - origin.y),
    width: area.width,
    height: area.height,
  }
}
