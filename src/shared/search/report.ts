import type { ModelInfo } from '../contract/models.ts'
import type { Candidate, SearchReport, SearchReview } from '../contract/search.ts'
import { atMost, lowerRecall } from '../stopping/assurance.ts'
import { type ClassCode, cellClass } from '../taxonomy.ts'
import { type CandidateRule, candidateRule } from './recall.ts'

/** A cell as the search sees it. */
export interface SearchedCell {
  readonly cellId: number
  /** What the model named it; null: no model did. */
  readonly named: ClassCode | null
  /** Of the class searched for, as the model gave it; null: no model did. */
  readonly probability: number | null
  readonly class: ClassCode | null
  readonly reader: string | null
  /** Its field does not count: it is no candidate. */
  readonly leftOut: boolean
}

export interface SearchInput {
  readonly runId: number
  readonly class: ClassCode
  /** Share of the class to be among the candidates, 0-1. */
  readonly recall: number
  /** What the model said of itself; null: none, or unknown. */
  readonly model: ModelInfo | null
  readonly images: 'real' | 'rendered'
  readonly cells: Iterable<SearchedCell>
  readonly counted: number
  readonly reviews: readonly SearchReview[]
  /** Cells that some review covered. */
  readonly signed: ReadonlySet<number>
}

/** Every candidate, and what they come to. */
export function searchReport(input: SearchInput): SearchReport {
  const rule = input.model && candidateRule(input.model, input.images, input.class, input.recall)
  const candidates: Candidate[] = []
  let found = 0
  let leftOut = 0
  for (const cell of input.cells) {
    const { cellId, class: code, reader } = cell
    const called = code === input.class
    if (!(called && reader !== null) && !isCandidate(cell, input.class, rule)) continue
    if (cell.leftOut) {
      leftOut++
      continue
    }
    const lookedAt = reader !== null || input.signed.has(cellId)
    // Whoever looks at all and leaves one called so, says that it is.
    if (called && lookedAt) found++
    candidates.push({ cellId, probability: cell.probability ?? 0, class: code, reader, lookedAt })
  }
  candidates.sort((a, b) => b.probability - a.probability || a.cellId - b.cellId)
  const toLookAt = candidates.filter((candidate) => !candidate.lookedAt).length
  const recall = rule?.recall ?? null
  return {
    runId: input.runId,
    class: input.class,
    atLeast: rule?.atLeast ?? null,
    recall,
    recallLow: recall && lowerRecall(recall),
    others: rule?.others ?? null,
    problem: problemOf(input, rule),
    counted: input.counted,
    candidates,
    leftOut,
    toLookAt,
    found,
    state: found > 0 ? 'found' : toLookAt > 0 ? 'pending' : candidates.length > 0 ? 'reviewed' : 'none',
    atMost: recall && input.counted > 0 ? 100 * atMost(input.counted, recall) : null,
    reviews: [...input.reviews],
  }
}

/** Candidates are also those the model names so with less than the probability asked for, as where three classes share it. */
export function isCandidate(
  { named, probability }: Pick<SearchedCell, 'named' | 'probability'>,
  code: ClassCode,
  rule: CandidateRule | null,
): boolean {
  return named === code || (rule?.atLeast != null && probability !== null && probability >= rule.atLeast)
}

function problemOf({ model, images, class: code }: SearchInput, rule: CandidateRule | null): string | null {
  if (!model) return 'No model names the cells, or nothing is known of the one that does.'
  if (rule) return null
  const kind = images === 'real' ? 'a real' : 'a drawn'
  return `${model.name} ${model.version} was never tried on ${kind} image of this class (${cellClass(code).name.toLowerCase()}).`
}
