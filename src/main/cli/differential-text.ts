import type { TruthCellRow } from '../../shared/contract/cells.ts'
import type { Differential } from '../../shared/contract/runs.ts'
import { type ClassCode, cellClass, TAXONOMY } from '../../shared/taxonomy.ts'
import { percentText, rangeText, table } from './output.ts'

export interface TruthCount {
  readonly class: ClassCode
  readonly count: number
  /** Of the counted truth cells; null for classes outside the denominator, or when there is none. */
  readonly percent: number | null
}

/** The truth's own differential, in the taxonomy's order, classes without a cell left out. */
export function countTruth(cells: readonly TruthCellRow[]): TruthCount[] {
  const counts = new Map<ClassCode, number>()
  for (const cell of cells) if (cell.class) counts.set(cell.class, (counts.get(cell.class) ?? 0) + 1)
  const denominator = TAXONOMY.reduce((sum, entry) => sum + (entry.counted ? (counts.get(entry.code) ?? 0) : 0), 0)
  return TAXONOMY.filter((entry) => counts.has(entry.code)).map((entry) => {
    const count = counts.get(entry.code)!
    return { class: entry.code, count, percent: entry.counted && denominator > 0 ? (100 * count) / denominator : null }
  })
}

/** The differential as a table; with `truth` (simulated rigs) the true counts beside it. */
export function differentialText(differential: Differential, truth: readonly TruthCount[] | null): string {
  const true_ = new Map(truth?.map((row) => [row.class, row]))
  const head = ['Class', '', 'Count', '%', '95 % interval', 'Reference', 'Evidence']
  const rows = differential.rows
    .filter((row) => row.count > 0 || row.reference || true_.has(row.class))
    .map((row) => [
      row.class,
      cellClass(row.class).name,
      String(row.count),
      percentText(row.percent),
      rangeText(row.low, row.high),
      row.reference ? `${row.reference.low}-${row.reference.high}` : '',
      row.evidence === 'real' ? '' : row.evidence === 'rendered' ? 'rendered images only' : 'none',
    ])
  if (truth) {
    head.splice(5, 0, 'True count', 'True %')
    for (const row of rows) {
      const entry = true_.get(row[0] as ClassCode)
      row.splice(5, 0, String(entry?.count ?? 0), percentText(entry?.percent ?? 0))
    }
  }
  const lines = [
    `Differential (${differential.view}), ${differential.counted} cells counted`,
    '',
    table(head, rows, [2, 3, 4, ...(truth ? [5, 6, 7] : [5])]),
    '',
  ]
  const { erythroid, meRatio } = differential
  lines.push(
    `Erythroid ${erythroid.count}, ${percentText(erythroid.percent)} % (${rangeText(erythroid.low, erythroid.high)})`,
    meRatio.value === null
      ? `M:E not known: no erythroid cell counted (${meRatio.myeloid} myeloid)`
      : `M:E ${meRatio.value.toFixed(1)} (${rangeText(meRatio.low, meRatio.high)}), ${meRatio.myeloid} : ${meRatio.erythroid}`,
  )
  const left = differential.excluded.filter((entry) => entry.count > 0)
  if (left.length > 0) {
    lines.push(`Not counted: ${left.map((entry) => `${entry.count} ${entry.class} (${entry.reason})`).join(', ')}`)
  }
  if (differential.unclassified > 0) lines.push(`Unnamed, because no model was there: ${differential.unclassified}`)
  if (differential.relabelled > 0) lines.push(`Labelled by a person: ${differential.relabelled}`)
  return lines.join('\n')
}
