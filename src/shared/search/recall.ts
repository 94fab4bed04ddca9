import type { CandidateFigures, ModelInfo } from '../contract/models.ts'
import type { Measured } from '../stopping/assurance.ts'
import type { ClassCode } from '../taxonomy.ts'

/** Of the cells of a class, a search is to find at least this share, as far as validation images tell. */
export const DEFAULT_RECALL = 0.95

/** What a search takes for a candidate, and what it is worth. */
export interface CandidateRule {
  /** The least probability of the class; null: the model's own name for the cell decides. */
  readonly atLeast: number | null
  /** Validation images of the class found by it. */
  readonly recall: Measured
  /** Images of other classes found by it too, of how many; null: not known. */
  readonly others: Measured | null
}

type Stated = Pick<ModelInfo, 'candidates' | 'confusion' | 'confusionRendered' | 'evidence'>

/**
 * The highest probability of the class at which the model found at least `recall` (0-1) of the validation images of this kind; the one that
 * finds most where none finds so many. Without figures for that, the model's own name for the cell, by its confusion matrix. Null: the model was
 * never tried on such images of the class.
 */
export function candidateRule(
  model: Stated,
  images: 'real' | 'rendered',
  code: ClassCode,
  recall = DEFAULT_RECALL,
): CandidateRule | null {
  const figures = model.candidates?.[images][code]
  if (figures) return fromFigures(figures, recall)
  const matrix = images === 'rendered' ? (model.confusionRendered ?? model.confusion) : model.confusion
  const row = matrix?.[code]
  if (!row || (images === 'real' && model.evidence[code]?.images !== 'real')) return null
  const of = Object.values(row).reduce((sum, count) => sum + count, 0)
  return of === 0 ? null : { atLeast: null, recall: { hits: row[code] ?? 0, of }, others: null }
}

function fromFigures({ of, othersOf, table }: CandidateFigures, recall: number): CandidateRule | null {
  if (of === 0) return null
  const most = Math.max(...table.map((entry) => entry.hits))
  const enough = table.find((entry) => entry.hits >= recall * of) ?? table.find((entry) => entry.hits === most)!
  return {
    atLeast: enough.atLeast,
    recall: { hits: enough.hits, of },
    others: { hits: enough.others, of: othersOf },
  }
}
