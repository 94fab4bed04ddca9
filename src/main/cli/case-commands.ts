import { type Command, Option } from 'commander'
import type { Cell, TruthCellRow } from '../../shared/contract/cells.ts'
import { type DifferentialView, type Doubt, differentialView } from '../../shared/contract/differential.ts'
import type { RigSettings } from '../../shared/contract/rig-settings.ts'
import { MedullaError } from '../../shared/errors.ts'
import { REASON_WORD } from '../../shared/quality/words.ts'
import { differentialText, doubtLines, rateText } from './differential-text.ts'
import { positive, whole } from './numbers.ts'
import { table } from './output.ts'
import { readingNumber } from './reading-option.ts'
import { settingsOf, withBench } from './settings.ts'

/** Rows a table for people shows; programs get every one with --json. */
const TABLE_ROWS = 60

export function addCaseCommands(program: Command): void {
  program
    .command('cases')
    .description('list the cases and their runs, newest first')
    .action(async (_options: unknown, command: Command) => {
      const settings = settingsOf(command)
      await withBench(settings, async ({ client }) => {
        const { cases } = await client.cases.list()
        const rows = cases.flatMap((entry) =>
          entry.runs.length === 0
            ? [[entry.accession, entry.createdAt, '-', 'no run yet', '', '', '']]
            : entry.runs.map((run) => [
                entry.accession,
                run.startedAt,
                String(run.runId),
                run.state,
                sourceOf(run.rig),
                String(run.fields),
                String(run.counted),
              ]),
        )
        const head = ['Case', 'Started', 'Run', 'State', 'Source', 'Fields', 'Counted']
        await settings.output.answer({ cases, dataFolder: settings.dataFolder }, () =>
          rows.length === 0 ? `No case yet in ${settings.dataFolder}.` : table(head, rows, [2, 5, 6]),
        )
      })
    })

  const ofRun = (name: string, description: string) =>
    program.command(name).description(description).argument('<run>', 'number of the run', whole(1))

  const ofReading = (command: Command) =>
    command.option('--reading <model>', 'as another model read it: NAME[@VERSION], or its number (see "readings")')

  ofReading(ofRun('cells', 'list the cells of a run, and how many the model is unsure of or finds unfamiliar'))
    .option('--error-rate <share>', 'of the cells that are not unsure, at most this share is named wrongly', positive)
    .action(async (runId: number, options: { reading?: string; errorRate?: number }, command: Command) => {
      const settings = settingsOf(command)
      const { errorRate } = options
      await withBench(settings, async ({ client }) => {
        const modelId = await readingNumber(client, runId, options.reading)
        const { cells: read } = await client.cells.list({ runId, modelId })
        const { doubt: kept } = await client.runs.differential({ runId, view: 'machine', modelId })
        const doubt = errorRate === undefined ? kept : atRate(kept, errorRate)
        const below = doubt.unsure?.below ?? 0
        const isUnsure = ({ reader, probability }: Cell) =>
          reader === null && probability !== null && probability < below
        const cells = errorRate === undefined ? read : read.map((cell) => ({ ...cell, unsure: isUnsure(cell) }))
        await settings.output.answer({ runId, cells, doubt }, () => [cellTable(cells), ...doubtLines(doubt)].join('\n'))
      })
    })

  ofRun('truth', "list the true cells in a simulated run's counted area").action(
    async (runId: number, _options: unknown, command: Command) => {
      const settings = settingsOf(command)
      await withBench(settings, async ({ client }) => {
        const { cells } = await client.cells.truth({ runId })
        await settings.output.answer({ runId, cells }, () => cellTable(cells))
      })
    },
  )

  ofReading(ofRun('differential', 'show the differential of a run'))
    .addOption(
      new Option(
        '--view <view>',
        "what the model said, with the labels people gave, or corrected for the model's known errors",
      )
        .choices(differentialView.options)
        .default('reviewed'),
    )
    .action(async (runId: number, options: { view: DifferentialView; reading?: string }, command: Command) => {
      const settings = settingsOf(command)
      await withBench(settings, async ({ client }) => {
        const modelId = await readingNumber(client, runId, options.reading)
        const differential = await client.runs.differential({ runId, view: options.view, modelId })
        await settings.output.answer({ ...differential, differential: differential.rows, rows: undefined }, () =>
          differentialText(differential, null),
        )
      })
    })
}

/** The doubts with the unsure cells of another error rate. Throws `invalid-input` where the model states no limit for it. */
function atRate({ unsure, atOtherRates, unfamiliar }: Doubt, errorRate: number): Doubt {
  const all = [...(unsure ? [unsure] : []), ...atOtherRates]
  const chosen = all.find((entry) => entry.errorRate === errorRate)
  if (chosen) return { unsure: chosen, atOtherRates: all.filter((entry) => entry !== chosen), unfamiliar }
  const offered = [...new Set(all.map((entry) => entry.errorRate))].sort((a, b) => a - b)
  throw new MedullaError('invalid-input', `The model states no limit for an error rate of ${rateText(errorRate)}.`, {
    remedy:
      offered.length > 0
        ? `Take one it states: ${offered.join(', ')}.`
        : 'Leave --error-rate out: this model does not say when it is unsure.',
  })
}

function cellTable(cells: readonly (Cell | TruthCellRow)[]): string {
  const head = ['Cell', 'Field', 'Image', 'x px', 'y px', 'Class', 'Probability', 'Doubt', 'Reader', 'Left out']
  const rows = cells
    .slice(0, TABLE_ROWS)
    .map((cell) => [
      String(cell.id),
      String(cell.field),
      cell.image ?? '',
      cell.xPx.toFixed(0),
      cell.yPx.toFixed(0),
      cell.class ?? '-',
      'probability' in cell && cell.probability !== null ? cell.probability.toFixed(2) : '',
      'unsure' in cell ? [cell.unsure ? 'unsure' : '', cell.unfamiliar ? 'unfamiliar' : ''].join(' ').trim() : '',
      'reader' in cell ? (cell.reader ?? '') : '',
      'leftOut' in cell && cell.leftOut ? REASON_WORD[cell.leftOut] : '',
    ])
  const more = cells.length - rows.length
  const note = more > 0 ? `\n... and ${more} more; --json lists every one.` : ''
  return `${cells.length} cells\n\n${table(head, rows, [0, 1, 3, 4, 6])}${note}`
}

function sourceOf(rig: RigSettings): string {
  switch (rig.kind) {
    case 'simulated':
      return `simulated ${rig.profile}, seed ${rig.seed}`
    case 'folder':
      return rig.images
    case 'microscope':
      return rig.rig.name
  }
}
