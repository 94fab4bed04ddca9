import { type Command, InvalidArgumentError, Option } from 'commander'
import { CALIBRATION_WORDS } from '../../shared/calibration-words.ts'
import { CALIBRATION_KINDS, type CalibrationKind } from '../../shared/contract/calibration.ts'
import type { StageRigSettings } from '../../shared/contract/microscope.ts'
import { simulatedRig } from '../../shared/contract/rig-settings.ts'
import { MedullaError } from '../../shared/errors.ts'
import { calibrationsTable, calibrationText } from './calibration-text.ts'
import { positive, whole } from './numbers.ts'
import { Progress } from './progress.ts'
import { readRigFile } from './rig-file.ts'
import { callerPath, settingsOf, withBench } from './settings.ts'

const PROFILES = simulatedRig.shape.profile.unwrap().options

interface RigOptions {
  readonly rig: string
  readonly objective?: string
  readonly mount: number
  readonly profile: (typeof PROFILES)[number]
  readonly seed: number
  readonly timeScale: number
}

interface MeasureOptions extends RigOptions {
  readonly at?: { xUm: number; yUm: number }
}

export function addCalibrateCommands(program: Command): void {
  const calibrate = program
    .command('calibrate')
    .description('measure a microscope; what is measured is used from then on')
  for (const kind of CALIBRATION_KINDS) {
    const { title, needs } = CALIBRATION_WORDS[kind]
    ofRig(calibrate.command(kind).description(`${title}. ${needs}`))
      .option('--at <x,y>', 'where to go first, micrometres of the stage (default: where it stands)', place)
      .action(async (options: MeasureOptions, command: Command) => measure(kind, options, command))
  }
  ofRig(calibrate.command('show').description('what is known of a microscope, and what is not'))
    .option('--all', 'also what was measured before')
    .action(async (options: RigOptions & { readonly all?: boolean }, command: Command) => {
      const settings = settingsOf(command)
      const rig = await rigOf(options)
      await withBench(settings, async ({ client }) => {
        const known = await client.calibration.list({ rig })
        await settings.output.answer({ ...known, history: options.all ? known.history : undefined }, () => {
          const title = known.objective === null ? known.rig : `${known.rig}, ${known.objective}`
          return `${title}\n\n${calibrationsTable(options.all ? known.history : known.inUse, known.unknown)}`
        })
      })
    })
}

function ofRig(command: Command): Command {
  return command
    .option('--rig <kind>', 'a rig file (JSON), or simulated', 'simulated')
    .option('--objective <name>', 'objective in place: each has calibrations of its own')
    .option('--mount <n>', 'seed of how the simulated microscope is put together', whole(0), 1)
    .addOption(new Option('--profile <name>', 'simulated patient').choices(PROFILES).default('normal'))
    .option('--seed <n>', 'seed of the simulated smear', whole(0), 1)
    .option('--time-scale <n>', 'how many times faster than real time the simulated stage and camera work', positive, 1)
}

async function rigOf(options: RigOptions): Promise<StageRigSettings> {
  const objective = options.objective ?? null
  if (options.rig === 'folder') {
    throw new MedullaError('invalid-input', 'A folder of images has no microscope to calibrate.', {
      remedy: 'Name a rig file with --rig FILE.json, or --rig simulated.',
    })
  }
  if (options.rig !== 'simulated')
    return { kind: 'microscope', rig: await readRigFile(callerPath(options.rig)), objective }
  const { mount, profile, seed, timeScale } = options
  return { kind: 'simulated', mount, profile, seed, timeScale, stage: 'good', objective }
}

async function measure(kind: CalibrationKind, options: MeasureOptions, command: Command): Promise<void> {
  const settings = settingsOf(command)
  const rig = await rigOf(options)
  await withBench(settings, async ({ client }) => {
    const progress = new Progress()
    const abort = new AbortController()
    const stop = () => abort.abort(new DOMException('Stopped by hand', 'AbortError'))
    process.once('SIGINT', stop)
    try {
      const events = await client.calibration.measure({ rig, kind, at: options.at ?? null }, { signal: abort.signal })
      for await (const event of events) {
        if (event.state === 'working') {
          progress.tell(event.of > 1 ? `${event.activity}: ${event.done} of ${event.of}` : event.activity)
          continue
        }
        progress.end()
        await settings.output.answer({ calibration: event.calibration }, () => calibrationText(event.calibration))
      }
    } catch (error) {
      progress.end()
      if (abort.signal.aborted) {
        throw new MedullaError('run-not-active', 'The measurement was stopped. Nothing of it is kept.', {
          remedy: 'Begin again when it suits.',
          motionPossible: true,
        })
      }
      throw error
    } finally {
      process.removeListener('SIGINT', stop)
    }
  })
}

function place(text: string): { xUm: number; yUm: number } {
  const [xUm, yUm, more] = text.split(',').map(Number)
  if (more !== undefined || !Number.isFinite(xUm) || !Number.isFinite(yUm)) {
    throw new InvalidArgumentError('It must be two numbers with a comma between, for example 7500,4200.')
  }
  return { xUm: xUm!, yUm: yUm! }
}
