import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import type { Command } from 'commander'
import type { ModelVariant, StoredModel, Verification } from '../../shared/contract/models.ts'
import { defaultDataFolder } from '../data-folder.ts'
import { projectRoot } from '../worker-file.ts'
import { table } from './output.ts'
import { Progress } from './progress.ts'
import { callerFolder, callerPath, type Settings, settingsOf, withBench } from './settings.ts'

/** Where the project keeps the public image sets, beside itself. */
const DEFAULT_IMAGES = path.join(projectRoot(), '..', 'shared', 'data')

export function addModelCommands(program: Command): void {
  const model = program.command('model').description('model packages: what there is, what is in use, whether it holds')

  model
    .command('list')
    .description('list the model packages and say which is in use')
    .action(async (_options: unknown, command: Command) => {
      const settings = settingsOf(command)
      await withBench(settings, async ({ client }) => {
        const listed = await client.models.list()
        await settings.output.answer({ ...listed }, () => {
          const running = listed.inUse
            ? `In use: ${listed.inUse.name} ${listed.inUse.version}, ${listed.inUse.variant} graph, on ${listed.inUse.provider}.`
            : `None in use: ${listed.problem?.message} ${listed.problem?.remedy}`
          return [table(HEAD, listed.models.map(row), [4]), '', running].join('\n')
        })
      })
    })

  model
    .command('add')
    .description('check a model package and take it in')
    .argument('<path>', 'folder of the package, or a zip file of it')
    .action(async (file: string, _options: unknown, command: Command) => {
      const settings = settingsOf(command)
      await withBench(settings, async ({ client }) => {
        const added = await client.models.add({ path: callerPath(file) })
        await settings.output.answer({ ...added }, () => {
          const name = `${added.name}@${added.version}`
          return `${name} was checked and is here now. Use it with \`npm run -s medulla -- model use ${name}\`.`
        })
      })
    })

  model
    .command('use')
    .description('choose the model that names cells from now on')
    .argument('<model>', 'NAME or NAME@VERSION')
    .action(async (name: string, _options: unknown, command: Command) => {
      const settings = settingsOf(command)
      const variant: ModelVariant = settings.precision ?? 'float'
      await withBench(settings, async ({ client }) => {
        const used = await client.models.use({ model: name, variant })
        await settings.output.answer(
          { ...used },
          () => `${used.name} ${used.version} is in use: ${used.variant} graph, on ${used.provider}.`,
        )
      })
    })

  model
    .command('remove')
    .description('remove a model package; what it said of cells stays')
    .argument('<model>', 'NAME or NAME@VERSION')
    .action(async (name: string, _options: unknown, command: Command) => {
      const settings = settingsOf(command)
      await withBench(settings, async ({ client }) => {
        const { removed } = await client.models.remove({ model: name })
        await settings.output.answer({ removed }, () => `${removed} is removed.`)
      })
    })

  model
    .command('verify')
    .description('check that a model package is what it says, figures included')
    .argument('[model]', 'NAME or NAME@VERSION (default: the one in use)')
    .option(
      '--images <folder>',
      "where the images of its figures lie (default: the project's ../shared/data; a --data that is not Medulla's own is taken for it)",
    )
    .action(async (name: string | undefined, options: { images?: string }, command: Command) => {
      const { images, settings } = placesOf(options.images, settingsOf(command))
      await withBench(settings, async ({ client }) => {
        const progress = new Progress()
        for await (const event of await client.models.verify({ model: name ?? null, dataFolder: images })) {
          if (event.state === 'working') {
            progress.tell(`${event.activity}${event.of > 0 ? `: ${event.done} of ${event.of} images` : ''}`)
            continue
          }
          progress.end()
          const { verification } = event
          await settings.output.answer({ ...verification }, () => verificationText(verification))
          if (!verification.holds) process.exitCode = 1
        }
      })
    })
}

/** Where the images are looked for, and the settings without a data folder that was meant for these. */
function placesOf(images: string | undefined, settings: Settings): { images: string; settings: Settings } {
  if (images !== undefined) return { images: path.resolve(callerFolder(), images), settings }
  const { dataFolder } = settings
  if (dataFolder === defaultDataFolder() || !existsSync(dataFolder) || isEmptyOrOurs(dataFolder))
    return { images: DEFAULT_IMAGES, settings }
  return { images: dataFolder, settings: { ...settings, dataFolder: defaultDataFolder() } }
}

function isEmptyOrOurs(folder: string): boolean {
  return existsSync(path.join(folder, 'casebook.sqlite')) || readdirSync(folder).length === 0
}

const HEAD = ['', 'Model', 'Version', 'Graphs', 'MB', '']

function row(model: StoredModel): string[] {
  return [
    model.inUse ? '*' : '',
    model.name,
    model.version,
    model.variants.join(', '),
    (model.bytes / 1e6).toFixed(1),
    model.problem?.message ?? (model.bundled ? 'comes with Medulla' : ''),
  ]
}

function verificationText({ model, graphs, sets, dataFolder, holds }: Verification): string {
  const tried = graphs.map(({ variant, testCrops, difference, tolerance }) => {
    const crops =
      testCrops === null
        ? 'no test vector'
        : `${testCrops} test crops, off by ${difference?.toFixed(6)} at most (allowed ${tolerance})`
    return `${variant} graph: the file its manifest means; ${crops}`
  })
  const rows = sets.map(({ stated, measured, holds: held }) => [
    stated.set,
    stated.variant,
    String(measured?.n ?? stated.n),
    pair(stated.balancedAccuracy, measured?.balancedAccuracy),
    pair(stated.accuracy, measured?.accuracy),
    pair(stated.calibrationError, measured?.calibrationError),
    String(stated.tolerance),
    held === null ? `not measured: no ${stated.path} in ${dataFolder}` : held ? 'reproduced' : 'DIFFERS',
  ])
  const head = ['Set', 'Graph', 'n', 'Balanced accuracy', 'Accuracy', 'Calibration error', 'Allowed', '']
  const figures = rows.length === 0 ? 'Its manifest states no figures to measure again.' : table(head, rows, [2])
  const verdict = holds ? 'Nothing that was looked at differs from what is stated.' : 'It is NOT what it states.'
  return [`Model ${model}`, ...tried, '', figures, '', verdict].join('\n')
}

/** Stated, then measured. */
function pair(stated: number, measured: number | undefined): string {
  return measured === undefined ? stated.toFixed(4) : `${stated.toFixed(4)} / ${measured.toFixed(4)}`
}
