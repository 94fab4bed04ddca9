import { type Command, InvalidArgumentError } from 'commander'
import type { BenchClient } from '../../shared/contract/index.ts'
import type { SearchReport } from '../../shared/contract/search.ts'
import { MedullaError } from '../../shared/errors.ts'
import { DEFAULT_RECALL } from '../../shared/search/recall.ts'
import { reportWords } from '../../shared/search/report-words.ts'
import { type ClassCode, cellClass } from '../../shared/taxonomy.ts'
import { positive, whole } from './numbers.ts'
import { table } from './output.ts'
import { readingNumber } from './reading-option.ts'
import { settingsOf, withBench } from './settings.ts'
import { classOf } from './stop-option.ts'

interface SearchOptions {
  readonly class: ClassCode
  readonly recall: number
  readonly reading?: string
  /** A reader's name. */
  readonly lookedAt?: string
}

export function addSearchCommand(program: Command): void {
  program
    .command('search')
    .description(
      'list the cells of a run that may be of a rare class, the likeliest first, and what it means that none is',
    )
    .argument('<run>', 'number of the run', whole(1))
    .requiredOption('--class <class>', 'what to search for, by code or name, e.g. FGC', searchedClass)
    .option(
      '--recall <share>',
      'share of the class to be among the candidates, on validation images',
      share,
      DEFAULT_RECALL,
    )
    .option('--reading <model>', 'as another model that read the run sees them (see "readings")')
    .option('--looked-at <reader>', 'sign that this person has looked at every candidate')
    .action(async (runId: number, options: SearchOptions, command: Command) => {
      const settings = settingsOf(command)
      await withBench(settings, async ({ client }) => {
        const modelId = await readingNumber(client, runId, options.reading)
        const asked = { runId, class: options.class, recall: options.recall, modelId }
        const report = await client.search.candidates(asked)
        const { lookedAt: reader } = options
        const signed = reader === undefined ? report : await sign(client, asked, report, reader)
        await settings.output.answer({ ...signed, statement: reportWords(signed) }, () => searchText(signed))
      })
    })
}

type Asked = Parameters<BenchClient['search']['candidates']>[0]

async function sign(client: BenchClient, asked: Asked, report: SearchReport, reader: string): Promise<SearchReport> {
  const cellIds = report.candidates.map(({ cellId }) => cellId)
  if (cellIds.length === 0) {
    throw new MedullaError('invalid-input', 'There is no candidate to be looked at.', {
      remedy: 'Leave --looked-at out, or search with a higher --recall.',
    })
  }
  return client.search.sign({ ...asked, cellIds, reader })
}

/** The list and the statement, as a table. */
export function searchText(report: SearchReport): string {
  const name = cellClass(report.class).name.toLowerCase()
  const rows = report.candidates.map(({ cellId, probability, class: code, reader, lookedAt }, i) => [
    String(i + 1),
    String(cellId),
    probability.toFixed(3),
    code ?? '-',
    reader ?? (lookedAt ? 'looked at' : ''),
  ])
  return [
    `Search for ${name}s in run ${report.runId}: ${ruleText(report)}`,
    '',
    ...(rows.length > 0 ? [table(['', 'Cell', 'Probability', 'Called', 'Read by'], rows, [0, 1, 2]), ''] : []),
    reportWords(report),
    ...report.reviews.map(
      ({ reader, at, candidates, found, counted }) =>
        `${reader} looked at ${candidates} candidates (${found} found) when ${counted} cells were counted, ${at}.`,
    ),
  ].join('\n')
}

function ruleText({ atLeast, recall, others }: SearchReport): string {
  const rule =
    atLeast === null
      ? 'cells that the model names so'
      : `cells it gives a probability of ${atLeast} or more, or names so`
  if (!recall) return `${rule}.`
  const known = `${rule}; on validation images that is ${recall.hits} of ${recall.of} of the class`
  return others ? `${known} and ${others.hits} of ${others.of} others.` : `${known}.`
}

function share(text: string): number {
  const value = positive(text)
  if (value > 1) throw new InvalidArgumentError('It must be a share above 0, at most 1.')
  return value
}

/** A class in the denominator, by code or name. */
export function searchedClass(text: string): ClassCode {
  const code = classOf(text)
  if (!cellClass(code).counted) throw new InvalidArgumentError('It must be a class in the denominator.')
  return code
}
