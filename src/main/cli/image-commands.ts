import { type Command, Option } from 'commander'
import type { PixelSizeEstimate } from '../../shared/contract/pixel-size.ts'
import { estimateWords } from '../../shared/pixel-size-words.ts'
import { pixelSizeOrAuto } from './numbers.ts'
import { table } from './output.ts'
import { callerPath, settingsOf, withBench } from './settings.ts'

export function addImageCommands(program: Command): void {
  const onImages = (name: string, description: string) =>
    program
      .command(name)
      .description(description)
      .argument('<path...>', 'images, or folders of images')
      .addOption(
        new Option(
          '--pixel-size <um>',
          'micrometres a pixel of the images; "auto": one estimate for all, from the red cells',
        )
          .argParser(pixelSizeOrAuto)
          .makeOptionMandatory(),
      )

  onImages('detect', 'find the nucleated cells in fields of view').action(
    async (paths: string[], options: { pixelSize: number | 'auto' }, command: Command) => {
      const settings = settingsOf(command)
      await withBench(settings, async ({ client }) => {
        const found = await client.images.detect({ paths: paths.map(callerPath), pixelSizeUm: options.pixelSize })
        await settings.output.answer({ ...found }, () =>
          withEstimate(
            found,
            table(
              ['Image', 'Width px', 'Height px', 'Cells'],
              found.images.map((entry) => [
                entry.image,
                String(entry.widthPx),
                String(entry.heightPx),
                String(entry.cells.length),
              ]),
              [1, 2, 3],
            ),
          ),
        )
      })
    },
  )

  onImages('classify', 'name the cell in the middle of each image').action(
    async (paths: string[], options: { pixelSize: number | 'auto' }, command: Command) => {
      const settings = settingsOf(command)
      await withBench(settings, async ({ client }) => {
        const named = await client.images.classify({ paths: paths.map(callerPath), pixelSizeUm: options.pixelSize })
        await settings.output.answer({ ...named }, () => {
          const rows = named.images.map((entry) => [
            entry.image,
            entry.class,
            (entry.probabilities[entry.class] ?? 0).toFixed(2),
          ])
          return withEstimate(named, `Model ${named.model}\n\n${table(['Image', 'Class', 'Probability'], rows, [2])}`)
        })
      })
    },
  )
}

/** A pixel size that was estimated is told before anything that depends on it. */
function withEstimate(
  { pixelSizeUm, pixelSizeEstimate }: { pixelSizeUm: number; pixelSizeEstimate: PixelSizeEstimate | null },
  text: string,
): string {
  if (!pixelSizeEstimate) return text
  return `Pixel size ${pixelSizeUm} um: ${estimateWords(pixelSizeEstimate, 'um')}.\n\n${text}`
}
