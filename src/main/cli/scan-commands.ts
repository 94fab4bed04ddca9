import path from 'node:path'
import { type Command, Option } from 'commander'
import type { BenchClient } from '../../shared/contract/index.ts'
import { type RigSettings, simulatedRig } from '../../shared/contract/runs.ts'
import type { StopWhen } from '../../shared/contract/stopping.ts'
import { MedullaError } from '../../shared/errors.ts'
import { type ClassCode, DEFAULT_TARGET_CELLS } from '../../shared/taxonomy.ts'
import { followRun, scanResult } from './follow.ts'
import { cellTarget, pixelSizeOrAuto, positive, whole } from './numbers.ts'
import type { Output } from './output.ts'
import { readRigFile } from './rig-file.ts'
import { searchedClass, searchText } from './search-command.ts'
import { callerFolder, callerPath, settingsOf, withBench } from './settings.ts'
import { collectUntil, UNTIL_HELP } from './stop-option.ts'

const PROFILES = simulatedRig.shape.profile.unwrap().options
const STAGES = simulatedRig.shape.stage.unwrap().options

interface ScanOptions {
  /** simulated, folder, or the path of a rig file. */
  readonly rig: string
  readonly profile: (typeof PROFILES)[number]
  readonly seed: number
  readonly timeScale: number
  readonly mount?: number
  readonly stage: (typeof STAGES)[number]
  readonly objective?: string
  readonly images?: string
  readonly pixelSize?: number | 'auto'
  readonly watch?: boolean
  /** undefined: not given; null: all. */
  readonly cells?: number | null
  readonly until?: StopWhen
  readonly search?: readonly ClassCode[]
}

export function addScanCommands(program: Command): void {
  program
    .command('scan')
    .description('scan a smear and count its cells')
    .option('--rig <kind>', 'what to scan with: simulated, folder, or a rig file (JSON)', 'simulated')
    .addOption(new Option('--profile <name>', 'simulated patient').choices(PROFILES).default('normal'))
    .option('--seed <n>', 'seed of the simulated smear', whole(0), 1)
    .option('--time-scale <n>', 'how many times faster than real time the simulated stage and camera work', positive, 1)
    .option('--mount <n>', 'seed of a simulated microscope put together at random: see "calibrate"', whole(0))
    .addOption(
      new Option('--stage <name>', 'simulated stage: "worn" is off by 5 um rms and does not know it')
        .choices(STAGES)
        .default('good'),
    )
    .option('--objective <name>', 'objective in place, as it was calibrated')
    .option('--images <folder>', 'folder of fields of view (JPEG, PNG, TIFF)')
    .option(
      '--pixel-size <um>',
      'micrometres a pixel of these images; "auto": estimated from their red cells',
      pixelSizeOrAuto,
    )
    .option('--watch', 'keep waiting for new images until stopped with Ctrl-C')
    .option(
      '--cells <n>',
      `stop at this many counted cells, or "all" (default: ${DEFAULT_TARGET_CELLS}; all of a folder, or with --until or --search)`,
      cellTarget,
    )
    .option('--until <rule>', UNTIL_HELP, collectUntil)
    .option(
      '--search <class>',
      'look for this rare class over the whole area and list what may be of it; given again, for several',
      (text: string, before: readonly ClassCode[] = []) => [...before, searchedClass(text)],
    )
    .action(async (options: ScanOptions, command: Command) => {
      const settings = settingsOf(command)
      const rig = await rigOf(options)
      await withBench(settings, async ({ client }) => {
        await tellInterrupted(client, settings.output)
        const { cells, until: stopWhen = [], search = [] } = options
        const whole = rig.kind === 'folder' || stopWhen.length > 0 || search.length > 0
        const usual = whole ? null : DEFAULT_TARGET_CELLS
        const begin = async () => {
          const run = await client.runs.start({ rig, targetCells: cells === undefined ? usual : cells, stopWhen })
          settings.output.note(`Run ${run.runId} in ${settings.dataFolder}`)
          return run
        }
        const { result, text } = await scanResult(
          client,
          await followRun(client, begin, settings.output),
          settings.dataFolder,
        )
        const searches = await Promise.all(
          search.map((code) => client.search.candidates({ runId: result.runId, class: code })),
        )
        await settings.output.answer({ ...result, ...(searches.length > 0 && { searches }) }, () =>
          [text(), ...searches.map(searchText)].join('\n\n'),
        )
      })
    })

  program
    .command('resume')
    .description(
      'continue a run that was interrupted, paused or failed, with the same settings; a finished one by another rule',
    )
    .argument('<run>', 'number of the run', whole(1))
    .option('--cells <n>', 'stop at this many counted cells from now on, or "all"', cellTarget)
    .option('--until <rule>', UNTIL_HELP, collectUntil)
    .action(async (runId: number, { cells, until }: Pick<ScanOptions, 'cells' | 'until'>, command: Command) => {
      const settings = settingsOf(command)
      await withBench(settings, async ({ client }) => {
        const stop =
          cells === undefined && until === undefined ? null : { targetCells: cells ?? null, stopWhen: until ?? [] }
        const begin = () => client.runs.resume({ runId, stop })
        const { result, text } = await scanResult(
          client,
          await followRun(client, begin, settings.output),
          settings.dataFolder,
        )
        await settings.output.answer(result, text)
      })
    })
}

async function rigOf(options: ScanOptions): Promise<RigSettings> {
  if (options.rig === 'simulated') {
    return {
      kind: 'simulated',
      profile: options.profile,
      seed: options.seed,
      timeScale: options.timeScale,
      mount: options.mount ?? null,
      stage: options.stage,
      objective: options.objective ?? null,
    }
  }
  if (options.rig !== 'folder')
    return { kind: 'microscope', rig: await readRigFile(callerPath(options.rig)), objective: options.objective ?? null }
  if (options.images === undefined) {
    throw new MedullaError('images-missing', 'A folder rig needs a folder of images.', {
      remedy: 'Name it with --images FOLDER.',
    })
  }
  if (options.pixelSize === undefined) {
    throw new MedullaError('invalid-input', 'The pixel size of the images is not known.', {
      remedy:
        'Give the micrometres a pixel with --pixel-size, for example 0.092, or auto to have them estimated from the red cells.',
    })
  }
  return {
    kind: 'folder',
    images: path.resolve(callerFolder(), options.images),
    pixelSizeUm: options.pixelSize,
    watch: options.watch ?? false,
  }
}

/** Unfinished runs are named, so that nobody starts over what could be continued. */
async function tellInterrupted(client: BenchClient, output: Output): Promise<void> {
  const { cases } = await client.cases.list()
  for (const run of cases.flatMap((entry) => entry.runs)) {
    if (run.state !== 'interrupted' && run.state !== 'paused' && run.state !== 'failed') continue
    output.note(
      `Run ${run.runId} is ${run.state} after ${run.fields} fields: continue it with \`npm run -s medulla -- resume ${run.runId}\`.`,
    )
  }
}
