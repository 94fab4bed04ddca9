import path from 'node:path'
import { type Command, Option } from 'commander'
import { SCAN_ORDERS, type ScanOrder } from '../../shared/contract/area.ts'
import type { BenchClient } from '../../shared/contract/index.ts'
import type { RigSettings } from '../../shared/contract/rig-settings.ts'
import type { StopWhen } from '../../shared/contract/stopping.ts'
import { MedullaError } from '../../shared/errors.ts'
import { type ClassCode, DEFAULT_TARGET_CELLS } from '../../shared/taxonomy.ts'
import { type AreaOptions, areaOf, rectangles } from './area-options.ts'
import { followRun, scanResult } from './follow.ts'
import { cellTarget, pixelSizeOrAuto, whole } from './numbers.ts'
import type { Output } from './output.ts'
import { type RigOptions, stageRigOf, withRig } from './rig-option.ts'
import { searchedClass, searchText } from './search-command.ts'
import { callerFolder, settingsOf, withBench } from './settings.ts'
import { collectUntil, UNTIL_HELP } from './stop-option.ts'

interface ScanOptions extends RigOptions, AreaOptions {
  readonly images?: string
  readonly pixelSize?: number | 'auto'
  readonly watch?: boolean
  /** undefined: not given; null: all. */
  readonly cells?: number | null
  readonly until?: StopWhen
  readonly search?: readonly ClassCode[]
  readonly order: ScanOrder
}

interface ResumeOptions extends Pick<ScanOptions, 'cells' | 'until'> {
  readonly anyway?: boolean
}

export function addScanCommands(program: Command): void {
  withRig(
    program.command('scan').description('scan a smear and count its cells'),
    'what to scan with: simulated, folder, or a rig file (JSON)',
  )
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
    .option('--area <n>', 'scan the Nth of the areas that the newest overview proposes: see "overview"', whole(1))
    .option('--overview <n>', 'of this overview instead', whole(1))
    .option(
      '--rect <x,y,width,height>',
      'scan this rectangle, micrometres of the stage; given again, for several',
      rectangles,
    )
    .option(
      '--exclude <x,y,width,height>',
      'leave out fields that reach into this rectangle; given again, for several',
      rectangles,
    )
    .addOption(
      new Option('--order <name>', 'row by row, or always on to the nearest field that is left')
        .choices(SCAN_ORDERS)
        .default('serpentine'),
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
        const targetCells = cells === undefined ? usual : cells
        const begin = async () => {
          const area = await areaOf(client, options, targetCells)
          const run = await client.runs.start({ rig, targetCells, stopWhen, area, order: options.order })
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
    .option('--anyway', 'although the last field does not look as it did: you are sure that it is the same slide')
    .action(async (runId: number, { cells, until, anyway }: ResumeOptions, command: Command) => {
      const settings = settingsOf(command)
      await withBench(settings, async ({ client }) => {
        const stop =
          cells === undefined && until === undefined ? null : { targetCells: cells ?? null, stopWhen: until ?? [] }
        const begin = () => client.runs.resume({ runId, stop, anyway: anyway ?? false })
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
  if (options.rig !== 'folder') {
    if (options.images !== undefined || options.pixelSize !== undefined || options.watch) {
      // A count of a simulated smear must not pass for that of somebody's images.
      throw new MedullaError('invalid-input', 'Images of a folder are scanned with the rig "folder" alone.', {
        remedy: 'Add --rig folder, or leave --images, --pixel-size and --watch out.',
      })
    }
    return stageRigOf(options)
  }
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
