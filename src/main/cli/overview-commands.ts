import type { Command } from 'commander'
import type { StageRect } from '../../shared/contract/area.ts'
import type { BenchClient } from '../../shared/contract/index.ts'
import type { OverviewSummary } from '../../shared/contract/overview.ts'
import { MedullaError } from '../../shared/errors.ts'
import { DEFAULT_TARGET_CELLS } from '../../shared/taxonomy.ts'
import { rectangle, rectangles } from './area-options.ts'
import { positive, whole } from './numbers.ts'
import { type Output, table, timeText } from './output.ts'
import { overviewText } from './overview-text.ts'
import { Progress } from './progress.ts'
import { type RigOptions, stageRigOf, withRig } from './rig-option.ts'
import { settingsOf, withBench } from './settings.ts'

interface AnswerOptions {
  readonly cells: number
  readonly exclude?: readonly StageRect[]
}

interface OverviewOptions extends RigOptions, AnswerOptions {
  readonly within?: StageRect
  readonly pitch?: number
  readonly case?: number
}

export function addOverviewCommands(program: Command): void {
  const overview = program.command('overview').description('look over a smear and propose where to count')
  withAnswer(
    withRig(
      overview.command('look', { isDefault: true }).description('look over a smear and propose where to count'),
      'what to look with: simulated, or a rig file (JSON)',
    ),
  )
    .option(
      '--within <x,y,width,height>',
      "what to look over, micrometres of the stage (default: the rig file's area, else all that the stage reaches)",
      rectangle,
    )
    .option(
      '--pitch <um>',
      'from one place to the next, micrometres (default: chosen by what there is to look over)',
      positive,
    )
    .option('--case <n>', 'number of the case it belongs to', whole(1))
    .action(async (options: OverviewOptions, command: Command) => {
      const settings = settingsOf(command)
      const rig = await stageRigOf(options)
      await withBench(settings, async ({ client }) => {
        const started = await client.overview.start({
          rig,
          extent: options.within ?? null,
          pitchUm: options.pitch ?? null,
          caseId: options.case ?? null,
        })
        const ended = await follow(client, started.overviewId)
        await tell(client, ended.overviewId, options, settings.output)
        if (ended.failure) {
          const { code, message, remedy } = ended.failure
          throw new MedullaError(code === 'device-failed' ? code : 'internal', message, {
            remedy,
            motionPossible: true,
          })
        }
      })
    })

  withAnswer(overview.command('show').description('an overview made before, and what it proposes'))
    .argument('<overview>', 'its number', whole(1))
    .action(async (overviewId: number, options: AnswerOptions, command: Command) => {
      const settings = settingsOf(command)
      await withBench(settings, ({ client }) => tell(client, overviewId, options, settings.output))
    })

  overview
    .command('list')
    .description('overviews in this casebook, newest first')
    .action(async (_options: unknown, command: Command) => {
      const settings = settingsOf(command)
      await withBench(settings, async ({ client }) => {
        const found = await client.overview.list({})
        await settings.output.answer(found, () =>
          found.overviews.length === 0
            ? 'No smear has been looked over yet.'
            : table(
                ['number', 'case', 'state', 'places', 'begun'],
                found.overviews.map(({ overviewId, caseId, state, places, startedAt }) => [
                  String(overviewId),
                  caseId === null ? '-' : String(caseId),
                  state,
                  String(places),
                  startedAt,
                ]),
              ),
        )
      })
    })
}

function withAnswer(command: Command): Command {
  return command
    .option('--cells <n>', 'cells to be counted: areas are proposed for so many', whole(1), DEFAULT_TARGET_CELLS)
    .option('--exclude <x,y,width,height>', 'a rectangle to leave out; given again, for several', rectangles)
}

/** Shows how far it is until it is over. SIGINT stops it; what it saw stays. */
async function follow(client: BenchClient, overviewId: number): Promise<OverviewSummary> {
  const progress = new Progress()
  const stop = () => void client.overview.abort({ overviewId }).catch(() => undefined)
  process.once('SIGINT', stop)
  try {
    let last: OverviewSummary | null = null
    for await (const { overview, activity, secondsLeft } of await client.overview.events({ overviewId })) {
      last = overview
      const left = secondsLeft === null ? '' : `  ${timeText(secondsLeft)} left`
      progress.tell(`${overview.places} of ${overview.plannedPlaces} places${left}  ${activity}`)
    }
    return last ?? (await client.overview.get({ overviewId })).overview
  } finally {
    progress.end()
    process.removeListener('SIGINT', stop)
  }
}

async function tell(
  client: BenchClient,
  overviewId: number,
  { cells, exclude = [] }: AnswerOptions,
  output: Output,
): Promise<void> {
  const { overview, places } = await client.overview.get({ overviewId })
  const { areas } = await client.overview.propose({ overviewId, targetCells: cells, excluded: [...exclude] })
  await output.answer({ overview, places, targetCells: cells, areas }, () =>
    overviewText(overview, places, areas, cells),
  )
}
