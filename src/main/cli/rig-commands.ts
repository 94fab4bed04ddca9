import type { Command } from 'commander'
import { table } from './output.ts'
import { readRigFile, readText } from './rig-file.ts'
import { callerPath, settingsOf, withBench } from './settings.ts'

const HEAD = ['file', 'name', 'stage', 'camera']

/** Rig files: list those of the data folder, check one from anywhere, take one in. Nothing is opened, nothing moves. */
export function addRigCommands(program: Command): void {
  const rig = program.command('rig').description('rig files: which microscopes there are, and whether a file is one')

  rig
    .command('list')
    .description('list the rig files of the data folder')
    .action(async (_options: unknown, command: Command) => {
      const settings = settingsOf(command)
      await withBench(settings, async ({ client }) => {
        const listed = await client.rigs.list()
        await settings.output.answer({ ...listed }, () => {
          if (listed.rigs.length === 0) return `There is no rig file in ${listed.folder}.`
          const rows = listed.rigs.map(({ rigId, rig: sound, problem }) =>
            sound
              ? [rigId, sound.name, `${sound.stage.driver} on ${sound.stage.port}`, sound.camera.kind]
              : [rigId, `not as it should be: ${problem}`, '', ''],
          )
          return table(HEAD, rows)
        })
      })
    })

  rig
    .command('check')
    .description(
      'say whether a file is a rig file, and place by place what is wrong with it; exits with 1 if it is none',
    )
    .argument('<file>', 'the rig file')
    .action(async (file: string, _options: unknown, command: Command) => {
      const settings = settingsOf(command)
      const text = await readText(callerPath(file))
      await withBench(settings, async ({ client }) => {
        const { rig: sound, problems } = await client.rigs.check({ text })
        await settings.output.answer({ rig: sound, problems }, () =>
          sound ? `This is a rig file: ${sound.name}.` : problems.join('\n'),
        )
        if (!sound) process.exitCode = 1
      })
    })

  rig
    .command('add')
    .description('check a rig file and take it into the data folder, where the window lists it')
    .argument('<file>', 'the rig file')
    .action(async (file: string, _options: unknown, command: Command) => {
      const settings = settingsOf(command)
      const read = await readRigFile(callerPath(file))
      await withBench(settings, async ({ client }) => {
        const saved = await client.rigs.save({ rig: read })
        await settings.output.answer({ ...saved }, () => `${read.name} is here now: ${saved.path}`)
      })
    })
}
