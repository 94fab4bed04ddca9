import type { TruthCellRow } from '../../shared/contract/cells.ts'
import type { Differential } from '../../shared/contract/differential.ts'
import { decimalsFor } from '../../shared/differential/decimals.ts'
import { fieldsText } from '../../shared/quality/words.ts'
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
      percentText(row.percent, decimalsFor(row.low, row.high)),
      rangeText(row.low, row.high),
      row.reference ? `${row.reference.low}-${row.reference.high}` : '',
      row.evidence === 'real' ? '' : row.evidence === 'rendered' ? 'rendered images only' : 'none',
    ])
  if (truth) {
    head.splice(5, 0, 'True count', 'True %')
    const decimals = new Map(differential.rows.map(({ class: code, low, high }) => [code, decimalsFor(low, high)]))
    for (const row of rows) {
      const code = row[0] as ClassCode
      const entry = true_.get(code)
      row.splice(5, 0, String(entry?.count ?? 0), percentText(entry?.percent ?? 0, decimals.get(code)))
    }
  }
  const lines = [
    `Differential (${differential.view}), ${differential.counted} cells counted`,
    ...correctionLines(differential.correction),
    '',
    table(head, rows, [2, 3, 4, ...(truth ? [5, 6, 7] : [5])]),
    '',
  ]
  const { erythroid, meRatio } = differential
  const erythroidPercent = percentText(erythroid.percent, decimalsFor(erythroid.low, erythroid.high))
  lines.push(
    `Erythroid ${erythroid.count}, ${erythroidPercent} % (${rangeText(erythroid.low, erythroid.high)})`,
    meRatio.value === null
      ? `M:E not known: no erythroid cell counted (${meRatio.myeloid} myeloid)`
      : `M:E ${meRatio.value.toFixed(decimalsFor(meRatio.low, meRatio.high))} (${rangeText(meRatio.low, meRatio.high)}), ${meRatio.myeloid} : ${meRatio.erythroid}`,
  )
  const left = differential.excluded.filter((entry) => entry.count > 0)
  if (left.length > 0) {
    lines.push(`Not counted: ${left.map((entry) => `${entry.count} ${entry.class} (${entry.reason})`).join(', ')}`)
  }
  const { fields, cells } = differential.leftOut
  if (fields > 0) lines.push(`Left out: ${fieldsText(fields)} with ${cells} cells (see "fields")`)
  if (differential.unclassified > 0) lines.push(`Unnamed, because no model was there: ${differential.unclassified}`)
  if (differential.relabelled > 0) lines.push(`Labelled by a person: ${differential.relabelled}`)
  return [...lines, ...doubtLines(differential.doubt)].join('\n')
}

/** What the corrected view did, or why it did nothing. */
function correctionLines(correction: Differential['correction']): string[] {
  if (!correction) return []
  if (correction.problem !== null) return [`Not corrected: ${correction.problem} The intervals are of sampling alone.`]
  const means = correction.through.includes('confusion')
    ? 'what it names cells of each class on validation images, and how probable it finds each class of each cell'
    : 'how probable it finds each class of each cell'
  const lines = [
    `Percentages and intervals are corrected for the model's known errors, by ${means};`,
    `counts are as named. ${correction.counted?.toFixed(1)} cells expected in the denominator; ${correction.read} read by a person are as that person said.`,
  ]
  if (correction.uncorrected.length > 0) {
    lines.push(
      `Not corrected, for the model was never tried on such images of them: ${correction.uncorrected.join(', ')}`,
    )
  }
  return lines
}

export function doubtLines({ unsure, atOtherRates, unfamiliar }: Differential['doubt']): string[] {
  const lines: string[] = []
  if (unsure) {
    const others = atOtherRates.map(({ errorRate, cells }) => `${cells} at ${rateText(errorRate)}`)
    const more = others.length > 0 ? ` (${others.join(', ')})` : ''
    lines.push(
      `Unsure: ${unsure.cells}; of the others at most ${rateText(unsure.errorRate)} are named wrongly on validation images${more}`,
    )
  }
  if (unfamiliar !== null) lines.push(`Unfamiliar, unlike what the model was trained on: ${unfamiliar}`)
  return lines
}

/** 0.025 -> "2.5 %". */
export function rateText(rate: number): string {
  return `${Number((100 * rate).toPrecision(3))} %`
}
