import { Console } from 'node:console'
import { Command, CommanderError, Option } from 'commander'
import { modelVariant } from '../shared/contract/models.ts'
import { RESEARCH_USE_ONLY } from '../shared/taxonomy.ts'
import { addBenchCommands } from './cli/bench-commands.ts'
import { addCalibrateCommands } from './cli/calibrate-commands.ts'
import { addCameraCommands } from './cli/camera-commands.ts'
import { addCaseCommands } from './cli/case-commands.ts'
import { addDeviceCommands } from './cli/device-commands.ts'
import { addEvaluateCommand } from './cli/evaluate-command.ts'
import { invalidInput, RunStopped, toFailure } from './cli/failure.ts'
import { addFieldCommands } from './cli/field-commands.ts'
import { addImageCommands } from './cli/image-commands.ts'
import { addModelCommands } from './cli/model-commands.ts'
import { write } from './cli/output.ts'
import { addOverviewCommands } from './cli/overview-commands.ts'
import { addRereadCommand } from './cli/reread-command.ts'
import { addRigCommands } from './cli/rig-commands.ts'
import { addScanCommands } from './cli/scan-commands.ts'
import { addSearchCommand } from './cli/search-command.ts'
import { addTallyCommands } from './cli/tally-commands.ts'
import { defaultDataFolder } from './data-folder.ts'
import { PROVIDERS } from './inference/providers.ts'

// Standard output belongs to the command's answer alone: whatever a part or a library logs goes to standard error.
globalThis.console = new Console(process.stderr, process.stderr)

// Whoever read the answer may leave before its end (`medulla cells 1 | head`): that is no error. Progress nobody sees is not missed.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
})
process.stderr.on('error', () => undefined)

const program = new Command('medulla')
  .description(`Counts bone-marrow cells: scans smears, finds and names the nucleated cells.\n${RESEARCH_USE_ONLY}`)
  .addOption(
    new Option('--data <folder>', 'where cases, slides and settings are kept').default(
      defaultDataFolder(),
      "the platform's application data folder",
    ),
  )
  .option(
    '--model <model>',
    'model to use instead of the one in use: a package\'s folder, or NAME[@VERSION] (see "model")',
  )
  .addOption(new Option('--precision <kind>', "which of the model's graphs").choices(modelVariant.options))
  .addOption(
    new Option('--provider <name>', 'what the model runs on (default: the best there is)').choices([
      'auto',
      ...PROVIDERS,
    ]),
  )
  .option('--json', 'answer with exactly one JSON object on standard output')
  .configureHelp({ showGlobalOptions: true })
  .showHelpAfterError('`npm run -s medulla -- help COMMAND` lists what is taken.')
  .exitOverride()

addScanCommands(program)
addOverviewCommands(program)
addCaseCommands(program)
addFieldCommands(program)
addRereadCommand(program)
addSearchCommand(program)
addTallyCommands(program)
addImageCommands(program)
addModelCommands(program)
addDeviceCommands(program)
addRigCommands(program)
addCameraCommands(program)
addCalibrateCommands(program)
addEvaluateCommand(program)
addBenchCommands(program)

// Commander hands settings down only to commands made after them, and errors must reach this file from any depth.
const json = process.argv.includes('--json')
if (json) program.configureOutput({ writeErr: () => {} })
handDown(program)

function handDown(parent: Command): void {
  for (const command of parent.commands) {
    command.copyInheritedSettings(program).exitOverride()
    handDown(command)
  }
}

process.exitCode = await run()
// Devices, workers and sessions are closed by now; a leftover handle must not keep a finished command alive.
process.exit()

async function run(): Promise<number> {
  try {
    await program.parseAsync()
    return typeof process.exitCode === 'number' ? process.exitCode : 0
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0
      if (json) await write(`${JSON.stringify({ error: invalidInput(usageMessage(error)) })}\n`)
      return 1
    }
    const failure = toFailure(error)
    const stopped = error instanceof RunStopped ? error : null
    process.stderr.write(`${failure.message}\n${failure.remedy}\n`)
    if (json) await write(`${JSON.stringify({ error: failure, ...(stopped && { runId: stopped.runId }) })}\n`)
    return stopped?.exitCode ?? 1
  }
}

function usageMessage(error: CommanderError): string {
  return error.code === 'commander.help' ? 'No command was named.' : error.message.replace(/^error: /, '')
}
