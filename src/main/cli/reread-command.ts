import type { Command } from 'commander'
import type { Reading, RereadEvent } from '../../shared/contract/readings.ts'
import { whole } from './numbers.ts'
import { table, timeText } from './output.ts'
import { Progress } from './progress.ts'
import { settingsOf, withBench } from './settings.ts'

const SOURCES = {
  field: 'the camera',
  crop: 'the pictures kept of the cells',
  slide: 'the images kept of the fields',
} as const

export function addRereadCommand(program: Command): void {
  program
    .command('reread')
    .description('read the cells of a run again, with the model named by --model; what was said before stays beside it')
    .argument('<run>', 'number of the run', whole(1))
    .action(async (runId: number, _options: unknown, command: Command) => {
      const settings = settingsOf(command)
      await withBench(settings, async ({ client }) => {
        const progress = new Progress()
        // The bench was opened with the model that --model names, so it is the one in use.
        for await (const event of await client.runs.reread({ runId, variant: settings.precision })) {
          if (event.state === 'working') {
            progress.tell(progressText(event))
            continue
          }
          progress.end()
          const { readings } = await client.runs.readings({ runId })
          const { reading, agreement } = event
          await settings.output.answer({ runId, reading, agreement, readings }, () =>
            [resultText(reading, agreement), '', readingsTable(readings)].join('\n'),
          )
        }
      })
    })

  program
    .command('readings')
    .description('list which models read the cells of a run')
    .argument('<run>', 'number of the run', whole(1))
    .action(async (runId: number, _options: unknown, command: Command) => {
      const settings = settingsOf(command)
      await withBench(settings, async ({ client }) => {
        const { readings } = await client.runs.readings({ runId })
        await settings.output.answer({ runId, readings }, () =>
          readings.length === 0 ? `No model read run ${runId}.` : readingsTable(readings),
        )
      })
    })
}

function progressText({ done, of, secondsLeft }: Extract<RereadEvent, { state: 'working' }>): string {
  const left = secondsLeft === null ? '' : `  ${timeText(secondsLeft)} left`
  return `${done} of ${of} cells read${left}`
}

function resultText(reading: Reading, { cells, same }: { cells: number; same: number }): string {
  const from = `${reading.name} ${reading.version} read ${reading.cells} cells from ${SOURCES[reading.source]}.`
  if (reading.own || cells === 0) return from
  const share = ((100 * same) / cells).toFixed(1)
  return `${from} Of the ${cells} that the run's own model named too, it names ${same} alike (${share} %).`
}

function readingsTable(readings: readonly Reading[]): string {
  const head = ['Number', 'Model', 'Version', 'Graph', 'Cells', 'Pixels from', 'Ran on', 'Ended']
  const rows = readings.map((each) => [
    String(each.modelId),
    each.name,
    each.version,
    each.variant,
    String(each.cells),
    SOURCES[each.source],
    each.providers.join(', '),
    each.finishedAt ?? 'not yet',
  ])
  return table(head, rows, [0, 4])
}
