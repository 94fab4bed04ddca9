import type { Command } from 'commander'
import type { CountedArea } from '../../shared/contract/counted-areas.ts'
import type { BenchClient } from '../../shared/contract/index.ts'
import type { CaseCount, Comparison, SittingState, TallyDifferential } from '../../shared/contract/tally.ts'
import { decimalsFor } from '../../shared/differential/decimals.ts'
import { comparisonWords } from '../../shared/ledger/comparison-words.ts'
import { counterWords } from '../../shared/ledger/words.ts'
import { cellClass } from '../../shared/taxonomy.ts'
import { whole } from './numbers.ts'
import { percentText, rangeText, table } from './output.ts'
import { readingNumber } from './reading-option.ts'
import { settingsOf, withBench } from './settings.ts'

/** What was counted by hand: listed, exported, put together with the machine's count, and held against it. */
export function addTallyCommands(program: Command): void {
  const tally = program.command('tally').description('cells counted by hand, and what was counted twice')

  tally
    .command('list')
    .description('list who counted cells of a case by hand, when, and how many')
    .argument('<case>', 'number of the case', whole(1))
    .action(async (caseId: number, _: unknown, command: Command) => {
      const settings = settingsOf(command)
      await withBench(settings, async ({ client }) => {
        const { sittings } = await client.tally.list({ caseId })
        const rows = sittings.map((each) => [
          String(each.sittingId),
          each.reader,
          each.purpose,
          each.place === 'slide' ? `run ${each.runId}` : each.place,
          String(each.counted),
          String(each.cells),
          String(each.views),
          each.startedAt,
        ])
        await settings.output.answer({ sittings }, () =>
          rows.length === 0
            ? 'Nobody has counted cells of this case by hand.'
            : table(['Sitting', 'Reader', 'To', 'At', 'Counted', 'Seen', 'Places', 'Begun'], rows, [0, 4, 5, 6]),
        )
      })
    })

  tally
    .command('export')
    .description(
      "export a case's counts by hand: each sitting's differential, the ledger of counted areas, and the case put together",
    )
    .argument('<case>', 'number of the case', whole(1))
    .action(async (caseId: number, _: unknown, command: Command) => {
      const settings = settingsOf(command)
      await withBench(settings, async ({ client }) => {
        const found = await exported(client, caseId)
        await settings.output.answer(found, () => exportText(found))
      })
    })

  tally
    .command('compare')
    .description('hold what a person counted against what the machine said')
    .argument('<sitting>', 'number of the sitting (see "tally list")', whole(1))
    .argument('<run>', 'number of the run', whole(1))
    .option('--reading <model>', 'as another model that read the run named its cells (see "readings")')
    .action(async (sittingId: number, runId: number, options: { reading?: string }, command: Command) => {
      const settings = settingsOf(command)
      await withBench(settings, async ({ client }) => {
        const modelId = await readingNumber(client, runId, options.reading)
        const answer = await client.tally.compare({ sittingId, runId, modelId })
        const { sitting, sameArea, views, problem } = answer
        await settings.output.answer(answer, () =>
          [
            `Sitting ${sittingId} (${sitting.reader}) and run ${runId}.`,
            '',
            ...(sameArea
              ? [
                  `In the ${views.covered} of ${views.all} places that both counted:`,
                  comparisonText(sameArea, true),
                  '',
                ]
              : [problem ?? '', '']),
            'All that either counted:',
            comparisonText(answer.whole, false),
            '',
            'Exact (Clopper-Pearson) 95 % intervals; Fisher’s exact test, two-sided; * at 5 % for all classes together (Holm).',
          ].join('\n'),
        )
      })
    })
}

interface Exported extends Readonly<Record<string, unknown>> {
  readonly caseId: number
  readonly sittings: readonly SittingState[]
  readonly areas: readonly CountedArea[]
  readonly putTogether: { readonly counts: readonly CaseCount[]; readonly problem: string | null }
}

async function exported(client: BenchClient, caseId: number): Promise<Exported> {
  const { sittings } = await client.tally.list({ caseId })
  const states: SittingState[] = []
  for (const { sittingId } of sittings.toReversed()) states.push(await client.tally.get({ sittingId }))
  const { areas } = await client.tally.areas({ caseId })
  return { caseId, sittings: states, areas, putTogether: await client.tally.ofCase({ caseId }) }
}

function exportText({ caseId, sittings, areas, putTogether }: Exported): string {
  const um = (value: number) => value.toFixed(1)
  return [
    ...sittings.flatMap(({ sitting, differential }) => [
      `Sitting ${sitting.sittingId}: ${sitting.reader}, ${sitting.startedAt}, ${sitting.purpose}; ${sitting.cells} cells seen, ${sitting.counted} counted.`,
      differentialText(differential),
      '',
    ]),
    `Counted areas of case ${caseId}, micrometres on the stage:`,
    table(
      ['Who', 'x', 'y', 'width', 'height', 'cells', 'when'],
      areas.map(({ by, areaUm, cells, at }) => [
        counterWords(by),
        ...(areaUm ? [um(areaUm.x), um(areaUm.y), um(areaUm.width), um(areaUm.height)] : ['-', '-', '-', '-']),
        String(cells),
        at,
      ]),
      [1, 2, 3, 4, 5],
    ),
    '',
    ...putTogether.counts.flatMap(({ parts, differential }) => [
      `Put together: ${parts
        .map(({ by, cells, leftOut }) => {
          const who = by.kind === 'run' ? `run ${by.runId}` : `${by.reader} (sitting ${by.sittingId})`
          return `${who} ${cells} cells, ${leftOut} of them counted before`
        })
        .join('; ')}.`,
      differentialText(differential),
      '',
    ]),
    ...(putTogether.problem === null ? [] : [putTogether.problem]),
  ]
    .join('\n')
    .trimEnd()
}

function differentialText({ counted, rows }: TallyDifferential): string {
  return table(
    ['Class', 'n', '%', '95 % CI'],
    [
      ...rows
        .filter((row) => row.count > 0)
        .map((row) => [
          cellClass(row.class).name,
          String(row.count),
          percentText(row.percent, decimalsFor(row.low, row.high)),
          rangeText(row.low, row.high),
        ]),
      ['Counted', String(counted), '', ''],
    ],
    [1, 2, 3],
  )
}

function comparisonText(comparison: Comparison, sameArea: boolean): string {
  const side = ({ count, percent, low, high }: Comparison['rows'][number]['manual']) => [
    String(count),
    percentText(percent, decimalsFor(low, high)),
    rangeText(low, high),
  ]
  const rows = comparison.rows
    .filter((row) => row.manual.count + row.machine.count > 0)
    .map((row) => [
      cellClass(row.class).name,
      ...side(row.manual),
      ...side(row.machine),
      row.p === null ? '-' : row.p.toFixed(4),
      row.differs ? '*' : '',
    ])
  return [
    comparisonWords(comparison, sameArea),
    table(['Class', 'hand', '%', '95 % CI', 'machine', '%', '95 % CI', 'p', ''], rows, [1, 2, 3, 4, 5, 6, 7]),
  ].join('\n')
}
