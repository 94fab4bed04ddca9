import type { Command } from 'commander'
import type { Field, Stitch } from '../../shared/contract/slide.ts'
import { leftOutAdvice, leftOutWords } from '../../shared/quality/words.ts'
import { seamState } from '../../shared/stitch-words.ts'
import { whole } from './numbers.ts'
import { table } from './output.ts'
import { settingsOf, withBench } from './settings.ts'

export function addFieldCommands(program: Command): void {
  program
    .command('fields')
    .description('list the fields of a run: how good each is, which do not count and why, and what people decided')
    .argument('<run>', 'number of the run', whole(1))
    .action(async (runId: number, _options: unknown, command: Command) => {
      const settings = settingsOf(command)
      await withBench(settings, async ({ client }) => {
        const { fields } = await client.slide.fields({ runId })
        const { events } = await client.fields.events({ runId })
        await settings.output.answer({ runId, fields, events }, () => fieldTable(fields))
      })
    })

  program
    .command('seams')
    .description('list where fields of a run overlap: how alike they are there, and how far off they lie')
    .argument('<run>', 'number of the run', whole(1))
    .action(async (runId: number, _options: unknown, command: Command) => {
      const settings = settingsOf(command)
      await withBench(settings, async ({ client }) => {
        const { stitches } = await client.slide.stitches({ runId })
        await settings.output.answer({ runId, stitches }, () => seamTable(stitches))
      })
    })

  const field = program.command('field').description('decide which fields of a run count')
  for (const [name, description] of [
    ['leave-out', 'their cells are kept, but do not count any more'],
    ['bring-back', 'their cells count again'],
  ] as const) {
    field
      .command(name)
      .description(description)
      .argument('<run>', 'number of the run', whole(1))
      .argument('<field...>', 'numbers of the fields, as "fields" lists them', fieldNumber)
      .requiredOption('--reader <name>', 'who decides it')
      .option('--why <text>', 'kept with the decision')
      .action(async (runId: number, fields: number[], options: { reader: string; why?: string }, command: Command) => {
        const settings = settingsOf(command)
        const request = { runId, fields, reader: options.reader, why: options.why ?? null }
        await withBench(settings, async ({ client }) => {
          const changed = await (name === 'leave-out'
            ? client.fields.leaveOut(request)
            : client.fields.bringBack(request))
          const run = await client.runs.get({ runId })
          const { counted, fieldsLeftOut } = run
          await settings.output.answer({ runId, fields: changed.fields, counted, fieldsLeftOut }, () =>
            [
              fieldTable(changed.fields),
              '',
              `Run ${runId} now: ${counted} cells counted, ${fieldsLeftOut} of ${run.fields} fields left out.`,
            ].join('\n'),
          )
        })
      })
  }
}

const fieldNumber = (text: string, before: readonly number[] = []) => [...before, whole(0)(text)]

function fieldTable(fields: readonly Field[]): string {
  const head = ['Field', 'Image', 'Cells', 'Edges um', 'Focused anew', 'Covered', 'Saturated', 'Stitch', 'Counts']
  const share = (value: number) => `${Math.round(100 * value)} %`
  const rows = fields.map(({ index, image, cells, quality, focus, stitch, leftOut }) => [
    String(index),
    image ?? '',
    String(cells),
    quality?.edgeWidthUm?.toFixed(2) ?? '-',
    focus ? `${focus.fused ? 'fused of' : 'best of'} ${focus.planes}` : '',
    quality ? share(quality.coveredShare) : '-',
    quality ? share(quality.saturatedShare) : '-',
    stitchCell(stitch),
    leftOut ? `no, ${leftOutWords(leftOut)}` : 'yes',
  ])
  const advice = leftOutAdvice(fields)
  const listed = table(head, rows, [0, 2, 3, 5, 6])
  return advice === null ? listed : `${listed}\n\n${advice}`
}

/** By how many of the neighbours a field was placed, and the lowest score among them. */
function stitchCell(stitch: Field['stitch']): string {
  if (stitch === null) return ''
  if (stitch.score === null) return stitch.compared === 0 ? 'first' : 'stage alone'
  return `${stitch.matched}/${stitch.compared} ${stitch.score.toFixed(2)}`
}

function seamTable(stitches: readonly Stitch[]): string {
  const rows = stitches.map((stitch) => [
    String(stitch.from),
    String(stitch.to),
    stitch.score.toFixed(2),
    stitch.offPx?.toFixed(1) ?? '-',
    SEAM_WORD[seamState(stitch, stitch.offPx)],
  ])
  const held = stitches.filter((stitch) => seamState(stitch, stitch.offPx) === 'held').length
  const note = `${held} of ${stitches.length} seams are where the images say.`
  return `${table(['Field', 'Later field', 'Score', 'Off px', 'Seam'], rows, [0, 1, 2, 3])}\n\n${note}`
}

const SEAM_WORD = {
  held: 'as the images say',
  off: 'off',
  unlike: 'different things',
  silent: 'nothing in common',
} as const
