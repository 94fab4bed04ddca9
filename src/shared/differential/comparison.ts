import type { Comparison } from '../contract/tally.ts'
import { type ClassCode, TAXONOMY } from '../taxonomy.ts'
import { countedCells } from './differential.ts'
import { fisherExact, holm } from './exact-test.ts'
import { exactInterval } from './interval.ts'

type Counts = ReadonlyMap<ClassCode | '', number>

/** For all classes together. */
const LEVEL = 0.05

/**
 * Two differentials side by side, with exact (Clopper-Pearson) 95 % intervals, and where they differ beyond chance. The test takes the two for
 * samples of their own; where both counted the very same cells chance has less room than it allows, and what it names differs all the more.
 */
export function compareCounts(manual: Counts, machine: Counts): Comparison {
  const sides = { manual: sideOf(manual), machine: sideOf(machine) }
  const rows = TAXONOMY.filter((entry) => entry.counted).map(({ code }) => {
    const [a, b] = [manual.get(code) ?? 0, machine.get(code) ?? 0]
    return {
      class: code,
      manual: shareOf(a, sides.manual.counted),
      machine: shareOf(b, sides.machine.counted),
      p:
        sides.manual.counted === 0 || sides.machine.counted === 0
          ? null
          : fisherExact(a, sides.manual.counted, b, sides.machine.counted),
    }
  })
  // A class that neither has is no question.
  const asked = rows.filter((row) => row.p !== null && row.manual.count + row.machine.count > 0)
  const says = holm(
    asked.map((row) => row.p!),
    LEVEL,
  )
  const differing = new Set(asked.filter((_, i) => says[i]).map((row) => row.class))
  return { ...sides, rows: rows.map((row) => ({ ...row, differs: differing.has(row.class) })) }
}

function sideOf(counts: Counts): Comparison['manual'] {
  return { cells: [...counts.values()].reduce((sum, count) => sum + count, 0), counted: countedCells(counts) }
}

function shareOf(count: number, of: number): Comparison['rows'][number]['manual'] {
  if (of === 0) return { count, percent: null, low: null, high: null }
  const { low, high } = exactInterval(count, of)
  return { count, percent: (100 * count) / of, low: 100 * low, high: 100 * high }
}
