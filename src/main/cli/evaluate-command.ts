import { type Command, Option } from 'commander'
import type { ClassificationReport, DetectionReport } from '../../shared/contract/reference.ts'
import { MedullaError } from '../../shared/errors.ts'
import { estimateWords } from '../../shared/pixel-size-words.ts'
import { CLASS_CODES } from '../../shared/taxonomy.ts'
import { rateText } from './differential-text.ts'
import { pixelSizeOrAuto } from './numbers.ts'
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
    .option(
      '--pixel-size <um>',
      'micrometres a pixel; may be left out where the truth files say it, and for crops that show 23 um, as the public ones do; with --fields, "auto": one estimate for all, from the red cells',
      pixelSizeOrAuto,
    )
    .action(
      async (
        options: { crops?: string; fields?: string; split: string; pixelSize?: number | 'auto' },
        command: Command,
      ) => {
        const settings = settingsOf(command)
        await withBench(settings, async ({ client }) => {
          if (options.fields !== undefined) {
            const folder = callerPath(options.fields)
            const report = await client.reference.evaluateFields({ folder, pixelSizeUm: options.pixelSize ?? null })
            await settings.output.answer({ ...report }, () => detectionText(report))
            return
          }
          if (options.crops === undefined) {
            throw new MedullaError('invalid-input', 'Nothing to evaluate was named.', {
              remedy: 'Give --crops PATH or --fields FOLDER.',
            })
          }
          if (options.pixelSize === 'auto') {
            throw new MedullaError(
              'invalid-input',
              'The pixel size of crops is not estimated: they show too few whole red cells.',
              {
                remedy: 'Give it with --pixel-size, or leave it out where each crop shows 23 um.',
              },
            )
          }
          const report = await client.reference.evaluateCrops({
            path: callerPath(options.crops),
            pixelSizeUm: options.pixelSize ?? null,
            split: options.split,
          })
          await settings.output.answer({ ...report }, () => classificationText(report))
        })
      },
    )
}

type Share = Pick<ClassificationReport['accuracy'], 'value' | 'low' | 'high'>

function shareText({ value, low, high }: Share): string {
  return value === null ? '-' : `${value.toFixed(3)} (${low.toFixed(3)}-${high.toFixed(3)})`
}

function classificationText(report: ClassificationReport): string {
  const rows = report.classes.map((entry) => [
    entry.class,
    String(entry.n),
    shareText(entry.recall),
    shareText(entry.precision),
    shareText(entry.tolerantRecall),
    shareText(entry.tolerantPrecision),
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
    `Accuracy ${shareText(report.accuracy)}`,
    `Balanced accuracy ${shareText(report.meanRecall)}, tolerant ${shareText(report.tolerantMeanRecall)}, over ${report.meanRecall.classes} classes`,
    `Calibration error ${report.calibrationError?.toFixed(3) ?? '-'} over ${report.calibration.bins.length} bins`,
    ...doubtLines(report.doubt),
    '',
    table(head, rows, [1, 2, 3, 4, 5, 6, 7]),
    '',
    confusionText(report.confusion),
    '',
    'Reference: ResNeXt-50, Matek et al. 2021, Table 1, on the whole public database.',
    ...report.notes,
    report.caution,
  ].join('\n')
}

function doubtLines({ unsure, unfamiliar }: ClassificationReport['doubt']): string[] {
  const lines = unsure.map(
    (rule) =>
      `Unsure at ${rateText(rule.errorRate)} (probability under ${rule.below}): ${shareText(rule.unsure)} of the cells; wrong among the sure ones ${shareText(rule.wrongAmongSure)}, among the unsure ${shareText(rule.wrongAmongUnsure)}`,
  )
  if (!unfamiliar) return lines
  const { unfamiliar: of, statedShare, wrongAmongFamiliar, wrongAmongUnfamiliar } = unfamiliar
  return [
    ...lines,
    `Unfamiliar: ${shareText(of)} of the cells (${rateText(statedShare)} of validation cells); wrong among the others ${shareText(wrongAmongFamiliar)}, among these ${shareText(wrongAmongUnfamiliar)}`,
  ]
}

/** A line a true class, a column each class that was named. */
function confusionText(confusion: ClassificationReport['confusion']): string {
  const named = CLASS_CODES.filter((code) => Object.values(confusion).some((row) => row?.[code]))
  const rows = CLASS_CODES.filter((code) => confusion[code]).map((code) => [
    code,
    ...named.map((other) => String(confusion[code]?.[other] ?? '')),
  ])
  return table(
    ['True', ...named],
    rows,
    named.map((_, i) => i + 1),
  )
}

function detectionText(report: DetectionReport): string {
  const { types } = report
  const lines = [
    `${report.data}: ${report.images} images with cells marked (${report.imagesWithoutCells} without left out), ${report.cells} cells`,
    ...(report.pixelSizeEstimate
      ? [`Pixel size ${report.pixelSizeUm} um: ${estimateWords(report.pixelSizeEstimate, 'um')}.`]
      : []),
    `Recall ${shareText(report.recall)}, precision ${shareText(report.precision)}: ${report.missed} missed, ${report.extra} extra`,
    ...(report.meanIou === null ? [] : [`Mean intersection over union of matched boxes ${report.meanIou.toFixed(3)}`]),
    `Matched ${report.rule}.`,
  ]
  if (types) {
    const rows = types.classes.map((entry) => [
      entry.class,
      String(entry.n),
      String(entry.missed),
      shareText(entry.recall),
      entry.inMean ? '' : `no: ${types.moreThan} or fewer`,
    ])
    lines.push(
      '',
      `Found and named rightly, balanced over ${types.balancedAccuracy.classes} types: ${shareText(types.balancedAccuracy)}`,
      types.rule,
      '',
      table(['Type', 'n', 'Missed', 'Found and named rightly', 'In the mean'], rows, [1, 2, 3]),
    )
  }
  if (report.classification) lines.push('', 'Of the cells found:', classificationText(report.classification))
  return lines.join('\n')
}
