import type { Differential, DifferentialRow } from '../contract/differential.ts'
import { type ClassCode, GROUP_REFERENCE, TAXONOMY } from '../taxonomy.ts'
import { exactInterval, exactRatioInterval } from './interval.ts'

export interface CountsInput {
  readonly runId: number
  readonly view: Differential['view']
  readonly targetCells: number | null
  /** Cells by class; '' holds those that no model named. */
  readonly counts: ReadonlyMap<ClassCode | '', number>
  readonly relabelled: number
  /** What the model knows of a class. */
  readonly evidence: (code: ClassCode) => DifferentialRow['evidence']
  readonly doubt: Differential['doubt']
  readonly leftOut: Differential['leftOut']
}

/** How many of the cells are in the denominator. */
export function countedCells(counts: ReadonlyMap<ClassCode | '', number>): number {
  return TAXONOMY.reduce((sum, entry) => sum + (entry.counted ? (counts.get(entry.code) ?? 0) : 0), 0)
}

function proportion(
  count: number,
  counted: number,
): { percent: number | null; low: number | null; high: number | null } {
  if (counted === 0) return { percent: null, low: null, high: null }
  const interval = exactInterval(count, counted)
  return { percent: (100 * count) / counted, low: 100 * interval.low, high: 100 * interval.high }
}

/** The differential as it is shown and reported: conventions in `taxonomy.ts`, intervals in `interval.ts`. Percent are 0-100. */
export function differentialOf(input: CountsInput): Differential {
  const count = (code: ClassCode) => input.counts.get(code) ?? 0
  const sum = (side: 'myeloid' | 'erythroid') =>
    TAXONOMY.reduce((total, entry) => total + (entry.me === side ? count(entry.code) : 0), 0)
  const counted = countedCells(input.counts)
  const myeloid = sum('myeloid')
  const erythroid = sum('erythroid')
  return {
    runId: input.runId,
    view: input.view,
    counted,
    targetCells: input.targetCells,
    rows: TAXONOMY.filter((entry) => entry.counted).map((entry) => ({
      class: entry.code,
      count: count(entry.code),
      ...proportion(count(entry.code), counted),
      reference: entry.reference,
      evidence: input.evidence(entry.code),
    })),
    excluded: TAXONOMY.filter((entry) => !entry.counted).map((entry) => ({
      class: entry.code,
      count: count(entry.code),
      reason: entry.exclusion ?? '',
    })),
    unclassified: input.counts.get('') ?? 0,
    leftOut: input.leftOut,
    relabelled: input.relabelled,
    correction: null,
    doubt: input.doubt,
    erythroid: { count: erythroid, ...proportion(erythroid, counted), reference: GROUP_REFERENCE.erythroid },
    meRatio: {
      value: erythroid === 0 ? null : myeloid / erythroid,
      ...exactRatioInterval(myeloid, erythroid),
      myeloid,
      erythroid,
      reference: GROUP_REFERENCE.meRatio,
    },
  }
}
