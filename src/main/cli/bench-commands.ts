import type { Command } from 'commander'
import type { Finding } from '../../shared/contract/system.ts'
import { toFailure } from './failure.ts'
import { whole } from './numbers.ts'
import { settingsOf, withBench } from './settings.ts'

const MARKS = { ok: 'ok      ', warning: 'warning ', problem: 'PROBLEM ' } as const

export function addBenchCommands(program: Command): void {
  program
    .command('doctor')
    .description('tell what is installed, which devices and model there are, what is wrong and what to do')
    .action(async (_options: unknown, command: Command) => {
      const settings = settingsOf(command)
      const { healthy, findings } = await examine()
      await settings.output.answer({ healthy, findings, dataFolder: settings.dataFolder }, () => findingsText(findings))
      if (!healthy) process.exitCode = 1

      // A bench that does not open is what a doctor is there for: the reason is a finding.
      async function examine(): Promise<{ healthy: boolean; findings: Finding[] }> {
        let report: { healthy: boolean; findings: Finding[] } = { healthy: false, findings: [] }
        try {
          await withBench(settings, async ({ client }) => {
            report = await client.system.doctor()
          })
        } catch (error) {
          const { message, remedy } = toFailure(error)
          report.findings.push({ subject: 'bench', status: 'problem', message, remedy })
          report.healthy = false
        }
        return report
      }
    })

  program
    .command('check')
    .description('check that the casebook is sound')
    .action(async (_options: unknown, command: Command) => {
      const settings = settingsOf(command)
      await withBench(settings, async ({ client }) => {
        const findings = (await client.system.doctor()).findings.filter((finding) => finding.subject === 'casebook')
        const sound = findings.length > 0 && findings.every((finding) => finding.status === 'ok')
        await settings.output.answer({ sound, findings, dataFolder: settings.dataFolder }, () => findingsText(findings))
        if (!sound) process.exitCode = 1
      })
    })

  program
    .command('serve')
    .description('serve the window to a browser on this machine')
    .option('--port <n>', 'port on 127.0.0.1; 0: any free one', whole(0, 65535), 0)
    .action(async (options: { port: number }, command: Command) => {
      const settings = settingsOf(command)
      const { dataFolder, output } = settings
      const ended = new Promise<void>((resolve) => {
        process.once('SIGINT', resolve)
        process.once('SIGTERM', resolve)
      })
      const { serve } = await import('../server.ts')
      const shell = await serve({ ...settings, port: options.port })
      await output.answer({ url: shell.link, port: shell.port, token: shell.token, dataFolder }, () =>
        [`Medulla is at ${shell.link}`, `Data folder ${dataFolder}`, 'Ctrl-C ends it.'].join('\n'),
      )
      await ended
      await shell.close()
    })
}

function findingsText(findings: readonly Finding[]): string {
  return findings
    .map(({ status, subject, message, remedy }) => {
      const line = `${MARKS[status]}${subject}: ${message}`
      return remedy ? `${line}\n        ${remedy}` : line
    })
    .join('\n')
}
