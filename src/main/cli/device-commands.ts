import { spawnSync } from 'node:child_process'
import { type Command, Option } from 'commander'
import type { CameraFound, SerialPortFound } from '../../shared/contract/devices.ts'
import { STAGE_DRIVERS, type StageDriver } from '../../shared/contract/rig.ts'
import { MedullaError } from '../../shared/errors.ts'
import { positive } from './numbers.ts'
import { table } from './output.ts'
import { callerPath, settingsOf, withBench } from './settings.ts'

interface SimulateOptions {
  readonly driver: StageDriver
  readonly pty: string
  readonly timeScale: number
}

export function addDeviceCommands(program: Command): void {
  program
    .command('devices')
    .description('list serial ports and ask which stage controller is there, and list cameras; nothing moves')
    .option('--port <path...>', 'ports the system does not list')
    .option('--restarting', 'also ask boards that restart when their port is opened (GRBL, Marlin, Sangaboard, UC2)')
    .action(async (options: { port?: string[]; restarting?: boolean }, command: Command) => {
      const settings = settingsOf(command)
      await withBench(settings, async ({ client }) => {
        const found = await client.devices.list({
          ports: (options.port ?? []).map(callerPath),
          restarting: options.restarting ?? false,
        })
        await settings.output.answer(found, () =>
          [portsText(found.ports), camerasText(found.cameras), ...found.cameraNotes].join('\n\n'),
        )
      })
    })

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

function portsText(ports: readonly SerialPortFound[]): string {
  if (ports.length === 0) return 'No serial port is listed. Name one with --port, for example --port /dev/ttyUSB0.'
  const rows = ports.map(({ path, manufacturer, controller, note }) => [
    path,
    manufacturer ?? '-',
    controller ? `${controller.driver}: ${controller.identity}, ${controller.baud} baud` : (note ?? '-'),
  ])
  return table(['Port', 'Made by', 'Stage controller'], rows)
}

function camerasText(cameras: readonly CameraFound[]): string {
  if (cameras.length === 0) return 'No camera is listed. Its network address or device can be named all the same.'
  const rows = cameras.map(({ kind, format, source, name }) => [name, kind, format ?? '-', source])
  return table(['Camera', 'kind', 'format', 'source'], rows)
}
