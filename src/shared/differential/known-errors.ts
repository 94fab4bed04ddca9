import type { ConfusionCounts, ModelInfo } from '../contract/models.ts'
import { CLASS_CODES, type ClassCode } from '../taxonomy.ts'

/** What is known of a model's mistakes on images of one kind. */
export interface KnownErrors {
  /** Classes whose mistakes are known; cells named otherwise are left as named. */
  readonly tried: ReadonlySet<ClassCode>
  /** null: how often is not known; there are only the probabilities to go by. */
  readonly confusion: ConfusionCounts | null
}

type Stated = Pick<ModelInfo, 'classes' | 'evidence' | 'confusion' | 'confusionRendered'>

/**
 * What a model states of its mistakes on images of the kind counted; null: it states no confusion matrix at all.
 *
 * On real cells, classes with real validation images alone count as tried: how a model fares on drawings says nothing there. On cells that
 * the simulator drew, the matrix of drawn validation images counts; without one, every class the model was tried on, by the probabilities.
 */
export function knownErrors(model: Stated, images: 'real' | 'rendered'): KnownErrors | null {
  const { classes, evidence, confusion, confusionRendered } = model
  if (!confusion && !confusionRendered) return null
  const matrix = images === 'real' ? confusion : confusionRendered
  const rows = matrix ?? (images === 'rendered' ? confusion : null)
  const isTried = (code: ClassCode): boolean =>
    classes.includes(code) &&
    Object.values(rows?.[code] ?? {}).some((count) => count > 0) &&
    (images === 'rendered' || evidence[code]?.images === 'real')
  return { tried: new Set(CLASS_CODES.filter(isTried)), confusion: matrix }
}
