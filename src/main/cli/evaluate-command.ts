import { type Command, Option } from 'commander'
import type { ClassificationReport, DetectionReport } from '../../shared/contract/reference.ts'
import { MedullaError } from '../../shared/errors.ts'
import { pixelSize } from './numbers.ts'
import { table } from './output.ts'
import { callerPath, settingsOf, withBench } from './settings.ts'

export function addEvaluateCommand(program: Command): void {
  program
    .command('evaluate')
    .description('tell what the detector and the model are worth on labelled images')
    .addOption(
      new Option('--crops <path>', 'single cells in folders named by class code: a folder, or a tar archive').conflicts(
        'fields',
      ),
    )
    .addOption(new Option('--fields <folder>', 'fields of view with Pascal VOC .xml or .json truth beside each'))
    .option('--split <split>', 'of the crops, those whose name\'s hash is below N of 100 ("sha256-N"), or "all"', 'all')
    .option('--pixel-size <um>', 'micrometres a pixel; may be left out where the truth files say it', pixelSize)
    .action(
      async (options: { crops?: string; fields?: string; split: string; pixelSize?: number }, command: Command) => {
        const settings = settingsOf(command)
        await withBench(settings, async ({ client }) => {
          if (options.fields !== undefined) {
            const folder = callerPath(options.fields)
            const report = await client.reference.evaluateFields({ folder, pixelSizeUm: options.pixelSize ?? null })
            await settings.output.answer({ ...report }, () => detectionText(report))
            return
          }
          if (options.crops === undefined || options.pixelSize === undefined) {
            throw new MedullaError('invalid-input', 'Nothing to evaluate was named.', {
              remedy: 'Give --crops PATH --pixel-size UM, or --fields FOLDER.',
            })
          }
          const report = await client.reference.evaluateCrops({
            path: callerPath(options.crops),
            pixelSizeUm: options.pixelSize,
            split: options.split,
          })
          await settings.output.answer({ ...report }, () => classificationText(report))
        })
      },
    )
}

type Share = ClassificationReport['accuracy']

function shareText({ value, low, high }: Share): string {
  return value === null ? '-' : `${value.toFixed(3)} (${low.toFixed(3)}-${high.toFixed(3)})`
}

function classificationText(report: ClassificationReport): string {
  const rows = report.classes.map((entry) => [
    entry.class,
    String(entry.n),
    shareText(entry.recall),
    shareText(entry.precision),
    entry.tolerantRecall.value?.toFixed(3) ?? '-',
    entry.tolerantPrecision.value?.toFixed(3) ?? '-',
    entry.reference.recall.toFixed(2),
    entry.reference.precision.toFixed(2),
  ])
  const head = [
    'Class',
    'n',
    'Recall',
    'Precision',
    'Tolerant recall',
    'Tolerant precision',
    'Reference recall',
    'Reference precision',
  ]
  return [
    `Model ${report.model} on ${report.data}: ${report.n} cells`,
    `Accuracy ${shareText(report.accuracy)}, balanced ${report.balancedAccuracy?.toFixed(3) ?? '-'} (tolerant ${report.tolerantBalancedAccuracy?.toFixed(3) ?? '-'}), calibration error ${report.calibrationError?.toFixed(3) ?? '-'}`,
    '',
    table(head, rows, [1, 2, 3, 4, 5, 6, 7]),
    '',
    'Reference: ResNeXt-50, Matek et al. 2021, Table 1, on the whole public database.',
    report.caution,
  ].join('\n')
}

function detectionText(report: DetectionReport): string {
  const lines = [
    `${report.data}: ${report.images} images with cells marked (${report.imagesWithoutCells} without left out), ${report.cells} cells`,
    `Recall ${shareText(report.recall)}, precision ${shareText(report.precision)}: ${report.missed} missed, ${report.extra} extra`,
    ...(report.meanIou === null ? [] : [`Mean intersection over union of matched boxes ${report.meanIou.toFixed(3)}`]),
    `Matched ${report.rule}.`,
  ]
  if (report.classification) lines.push('', classificationText(report.classification))
  return lines.join('\n')
}
