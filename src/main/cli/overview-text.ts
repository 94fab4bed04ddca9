import type { StageRect } from '../../shared/contract/area.ts'
import type { OverviewSummary, ProposedArea } from '../../shared/contract/overview.ts'
import type { Verdict } from '../../shared/overview/judge.ts'
import type { OverviewPlace } from '../../shared/overview/place.ts'
import { smearMap } from '../../shared/overview/smear-map.ts'
import { expectationWords, VERDICT_WORDS } from '../../shared/overview/words.ts'

const LETTERS: Readonly<Record<Verdict, string>> = {
  countable: '+',
  thick: 'T',
  particle: 'P',
  sparse: 's',
  blurred: 'b',
  empty: '.',
}

/** An overview for a terminal: a map of letters, what they mean, and the areas. */
export function overviewText(
  overview: OverviewSummary,
  places: readonly OverviewPlace[],
  areas: readonly ProposedArea[],
  targetCells: number,
): string {
  const { overviewId, state, failure, extent, pitchUm } = overview
  const head = `Overview ${overviewId}: ${state}, ${places.length} places ${Math.round(pitchUm)} µm apart over ${mm(extent)}.`
  const lines = [head, ...(failure ? [`${failure.message} ${failure.remedy}`] : [])]
  if (places.length > 0) lines.push('', ...letterMap(overview, places), '')
  if (areas.length === 0) lines.push('No area is proposed: nothing that was looked at is countable.')
  for (const { rank, rects, expectation, reasons } of areas) {
    lines.push(`${rank}. ${rects.map(mm).join(' and ')}: ${expectationWords(expectation, targetCells)}`)
    lines.push(`   ${reasons.join(' ')}`)
  }
  return lines.join('\n')
}

/** "0.84 x 0.85 mm at 10.400, 6.200" */
function mm({ xUm, yUm, widthUm, heightUm }: StageRect): string {
  const size = `${(widthUm / 1000).toFixed(2)} x ${(heightUm / 1000).toFixed(2)} mm`
  return `${size} at ${(xUm / 1000).toFixed(3)}, ${(yUm / 1000).toFixed(3)}`
}

/** Places of the raster; those looked at more closely fall on the one nearest to them, where the raster's own is kept. */
function letterMap({ extent, pitchUm }: OverviewSummary, places: readonly OverviewPlace[]): string[] {
  const map = smearMap(places, pitchUm)
  const rows = new Map<number, Map<number, string>>()
  for (const [i, { xUm, yUm }] of places.entries()) {
    const [column, row] = [Math.floor((xUm - extent.xUm) / pitchUm), Math.floor((yUm - extent.yUm) / pitchUm)]
    const line = rows.get(row) ?? new Map<number, string>()
    rows.set(row, line)
    if (!line.has(column)) line.set(column, LETTERS[map.judged[i]!.verdict])
  }
  const last = Math.max(...[...rows.values()].flatMap((line) => [...line.keys()]))
  const drawn = [...rows.keys()]
    .sort((a, b) => a - b)
    .map((row) => Array.from({ length: last + 1 }, (_, column) => rows.get(row)!.get(column) ?? ' ').join(''))
  const used = (Object.keys(LETTERS) as Verdict[]).map((verdict) => `${LETTERS[verdict]} ${VERDICT_WORDS[verdict]}`)
  return [...drawn, '', used.join('   ')]
}
