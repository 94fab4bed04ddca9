import type { ClassTrust, TrustFigure } from '../contract/evidence.ts'
import type { ModelInfo } from '../contract/models.ts'
import { exactInterval } from '../differential/interval.ts'
import { CLASS_CODES, type ClassCode } from '../taxonomy.ts'
import { REFERENCE_MODEL } from './reference-model.ts'

/** Mistakes named, the most frequent ones. */
const MISTAKES = 4

/** What a model is worth on a class, from what it says of itself: shares with their exact intervals, and the commonest mistakes. */
export function trustOf(
  { evidence, confusion, classes }: Pick<ModelInfo, 'evidence' | 'confusion' | 'classes'>,
  code: ClassCode,
): ClassTrust {
  const known = evidence[code] ?? { images: 'none', n: 0, precision: null, recall: null }
  const hits = known.recall === null ? null : Math.round(known.recall * known.n)
  return {
    class: code,
    named: classes.includes(code),
    images: known.images,
    n: known.n,
    recall: hits === null || known.n === 0 ? null : figure(hits, known.n),
    precision: hits === null ? null : precisionOf(hits, known.precision),
    takenFor: most(
      CLASS_CODES.map((other) => [other, confusion?.[code]?.[other] ?? 0]),
      code,
    ),
    takenForIt: most(
      CLASS_CODES.map((other) => [other, confusion?.[other]?.[code] ?? 0]),
      code,
    ),
    reference: { ...REFERENCE_MODEL[code] },
  }
}

function figure(hits: number, of: number): TrustFigure {
  return { hits, of, value: hits / of, ...exactInterval(hits, of) }
}

/** The package states precision as a share: of how many cells follows from the hits. null: of none, or not stated. */
function precisionOf(hits: number, precision: number | null): TrustFigure | null {
  return precision === null || precision === 0 || hits === 0
    ? null
    : figure(hits, Math.max(hits, Math.round(hits / precision)))
}

function most(counts: readonly (readonly [ClassCode, number])[], code: ClassCode): ClassTrust['takenFor'] {
  return counts
    .filter(([other, count]) => other !== code && count > 0)
    .sort((a, b) => b[1] - a[1])
    .slice(0, MISTAKES)
    .map(([other, count]) => ({ class: other, count }))
}
