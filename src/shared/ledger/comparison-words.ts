import type { Comparison } from '../contract/tally.ts'
import { cellClass } from '../taxonomy.ts'

const cells = (count: number): string => `${count} ${count === 1 ? 'cell' : 'cells'}`

/** What a comparison comes to, in words: of shares that differ, never of what that would mean. */
export function comparisonWords({ manual, machine, rows }: Comparison, sameArea: boolean): string {
  const seen = `By hand ${cells(manual.counted)} were counted (${manual.cells} seen), by machine ${machine.counted} (${machine.cells} found).`
  if (manual.counted === 0 || machine.counted === 0) return `${seen} There is nothing to hold against it.`
  const differing = rows.filter((row) => row.differs)
  const where = sameArea ? 'in the same places' : 'of all that either counted'
  if (differing.length === 0) return `${seen} No share ${where} differs by more than chance explains.`
  const named = differing.map(
    (row) =>
      `${cellClass(row.class).name.toLowerCase()} (${row.manual.percent!.toFixed(1)} % by hand, ${row.machine.percent!.toFixed(1)} % by machine)`,
  )
  return `${seen} Shares ${where} that differ by more than chance explains: ${named.join(', ')}.`
}
