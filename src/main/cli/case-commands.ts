import { type Command, Option } from 'commander'
import type { Cell, TruthCellRow } from '../../shared/contract/cells.ts'
import type { RigSettings } from '../../shared/contract/runs.ts'
import { differentialText } from './differential-text.ts'
import { whole } from './numbers.ts'
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

  ofReading(ofRun('cells', 'list the cells of a run')).action(
    async (runId: number, options: { reading?: string }, command: Command) => {
      const settings = settingsOf(command)
      await withBench(settings, async ({ client }) => {
        const modelId = await readingNumber(client, runId, options.reading)
        const { cells } = await client.cells.list({ runId, modelId })
        await settings.output.answer({ runId, cells }, () => cellTable(cells))
      })
    },
  )

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
      new Option('--view <view>', 'what the model said, or with the labels people gave')
        .choices(['machine', 'reviewed'])
        .default('reviewed'),
    )
    .action(async (runId: number, options: { view: 'machine' | 'reviewed'; reading?: string }, command: Command) => {
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

function cellTable(cells: readonly (Cell | TruthCellRow)[]): string {
  const head = ['Cell', 'Field', 'Image', 'x px', 'y px', 'Class', 'Probability', 'Reader']
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
      'reader' in cell ? (cell.reader ?? '') : '',
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
