import { spawnSync } from 'node:child_process'
import { type Command, Option } from 'commander'
import { STAGE_DRIVERS, type StageDriver } from '../../shared/contract/rig.ts'
import { MedullaError } from '../../shared/errors.ts'
import { positive } from './numbers.ts'
import { callerPath, settingsOf } from './settings.ts'

interface SimulateOptions {
  readonly driver: StageDriver
  readonly pty: string
  readonly timeScale: number
}

export function addDeviceCommands(program: Command): void {
  program
    .command('simulate-stage')
    .description('put a simulated stage controller on a pseudo-terminal, for trying drivers without one (needs socat)')
    .addOption(new Option('--driver <name>', 'whose protocol it speaks').choices(STAGE_DRIVERS).makeOptionMandatory())
    .requiredOption('--pty <path>', 'where its port appears')
    .option('--time-scale <n>', 'how many times faster than real time it moves', positive, 1)
    .action(async (options: SimulateOptions, command: Command) => {
      const { output } = settingsOf(command)
      if (spawnSync('socat', ['-V']).error) {
        throw new MedullaError('device-failed', 'socat is not installed; pseudo-terminals are made with it.', {
          remedy: 'Install socat (on Debian: apt-get install socat), then try again.',
        })
      }
      const ended = new Promise<void>((resolve) => {
        process.once('SIGINT', resolve)
        process.once('SIGTERM', resolve)
      })
      const [{ ProcessClock }, { FirmwarePort }, { createFirmware }, { PtyLine }] = await Promise.all([
        import('../microscope/clock.ts'),
        import('../microscope/stage/firmware/firmware-port.ts'),
        import('../microscope/stage/firmware/index.ts'),
        import('../microscope/stage/firmware/pty-line.ts'),
      ])
      const path = callerPath(options.pty)
      const clock = new ProcessClock(options.timeScale)
      const port = new FirmwarePort(createFirmware(options.driver, clock), new PtyLine(path), clock)
      await output.answer({ driver: options.driver, port: path, timeScale: options.timeScale }, () =>
        [`A simulated ${options.driver} controller is at ${path}`, 'Ctrl-C ends it.'].join('\n'),
      )
      await ended
      await port.close()
    })
}
