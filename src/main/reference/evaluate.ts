import type { ClassificationReport, DetectionReport } from '../../shared/contract/reference.ts'
import { exactInterval } from '../../shared/differential/interval.ts'
import { MedullaError } from '../../shared/errors.ts'
import { classificationFigures, type JudgedCell } from '../../shared/evaluation/classification.ts'
import { mostProbable } from '../../shared/most-probable.ts'
import { readImage } from '../images/read-image.ts'
import type { Classifier } from '../inference/classifier.ts'
import type { Analyser } from '../vision/analysis.ts'
import { type MatchRule, matchDetections } from '../vision/match.ts'
import { requirePixelSize } from '../vision/plausible.ts'
import { openLabelledCrops } from './labelled-crops.ts'
import { type LabelledField, labelledFields } from './labelled-fields.ts'
import { type NameOptions, nameCells } from './name-cells.ts'

/** A detection belongs to a cell known by its centre only when it lies this near: about a blast's radius. */
const CENTRE_RADIUS_UM = 5.5

const CAUTION =
  'Crops of public sets carry no patient identifiers: cells of one patient may be among the training images too, so figures on them can be optimistic. For Research Use Only. Not for use in diagnostic procedures.'

/** Labelled crops, and how they are to be seen. */
export interface CropSet {
  /** Folder or tar archive, see `openLabelledCrops`. */
  readonly path: string
  readonly pixelSizeUm: number
  /** See `inSplit`. */
  readonly split: string
}

/** Rejects as `openLabelledCrops` and `readImage` do. */
export async function evaluateCrops(set: CropSet, classifier: Classifier): Promise<ClassificationReport> {
  return report(await judgeCrops(set, classifier), set.path, classifier)
}

/** What the model says of each crop of a set. Rejects as `openLabelledCrops` and `readImage` do. */
export async function judgeCrops(
  { path, pixelSizeUm, split }: CropSet,
  classifier: Classifier,
  options: NameOptions = {},
): Promise<JudgedCell[]> {
  requirePixelSize(pixelSizeUm)
  const { crops, close } = await openLabelledCrops(path, split)
  try {
    const named = await nameCells(crops, pixelSizeUm, classifier, options)
    return named.map((cell, i) => ({ truth: crops[i].class, predicted: cell.class, probability: cell.probability }))
  } finally {
    await close()
  }
}

/** Rejects as `labelledFields` and `readImage` do, and `invalid-input` where no pixel size is known. */
export async function evaluateFields(
  folder: string,
  pixelSizeUm: number | null,
  analyser: Analyser,
  classifier: Classifier,
): Promise<DetectionReport> {
  const { input } = classifier.manifest
  const scale = { inputPx: input.sizePx, pixelSizeUm: input.pixelSizeUm }
  const all = await labelledFields(folder)
  const fields = all.filter((field) => field.cells.length > 0)
  const judged: JudgedCell[] = []
  const faults: DetectionReport['faults'] = []
  const ious: number[] = []
  let [cells, found, extra] = [0, 0, 0]
  for (const field of fields) {
    const pixelSize = pixelSizeOf(field, pixelSizeUm)
    const image = await readImage(field.image)
    const { detections, modelCrops } = await analyser.analyse(image, pixelSize, scale, null)
    const match = matchDetections(field.cells, detections, ruleFor(field, pixelSize))
    cells += field.cells.length
    found += match.truePositives
    extra += match.extra.length
    ious.push(...match.ious)
    if (match.missed.length > 0 || match.extra.length > 0) {
      faults.push({ image: field.image, missed: match.missed.length, extra: match.extra.length })
    }
    if (!modelCrops || detections.length === 0) continue
    const { probabilities } = await classifier.classify(modelCrops, detections.length)
    for (const pair of match.pairs) {
      const truth = field.cells[pair.truth].class
      if (truth === null) continue
      const { class: predicted, probability } = mostProbable(probabilities, classifier.classes, pair.detection)
      judged.push({ truth, predicted, probability })
    }
  }
  const share = (successes: number, n: number) => ({
    value: n === 0 ? null : successes / n,
    ...exactInterval(successes, n),
    n,
  })
  return {
    data: folder,
    images: fields.length,
    imagesWithoutCells: all.length - fields.length,
    rule: `one to one; boxes: centre inside the marked box; centres: within ${CENTRE_RADIUS_UM} um`,
    cells,
    found,
    missed: cells - found,
    extra,
    recall: share(found, cells),
    precision: share(found, found + extra),
    meanIou: ious.length === 0 ? null : ious.reduce((sum, iou) => sum + iou, 0) / ious.length,
    faults,
    classification: judged.length === 0 ? null : report(judged, folder, classifier),
  }
}

function ruleFor(field: LabelledField, pixelSizeUm: number): MatchRule {
  return field.kind === 'boxes' ? { kind: 'box' } : { kind: 'radius', radiusPx: CENTRE_RADIUS_UM / pixelSizeUm }
}

function pixelSizeOf(field: LabelledField, given: number | null): number {
  const pixelSizeUm = given ?? field.pixelSizeUm
  if (pixelSizeUm === null) {
    throw new MedullaError('invalid-input', `The pixel size of ${field.image} is not known.`, {
      remedy: 'Give the micrometres a pixel with --pixel-size.',
    })
  }
  requirePixelSize(pixelSizeUm)
  return pixelSizeUm
}

function report(judged: readonly JudgedCell[], data: string, { manifest }: Classifier): ClassificationReport {
  const { classes, ...figures } = classificationFigures(judged)
  return { model: `${manifest.name} ${manifest.version}`, data, ...figures, classes: [...classes], caution: CAUTION }
}
