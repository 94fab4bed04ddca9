import type { PixelSizeChoice } from '../../shared/contract/pixel-size.ts'
import type { ClassificationReport, DetectionReport } from '../../shared/contract/reference.ts'
import { MedullaError } from '../../shared/errors.ts'
import { classificationFigures, type JudgedCell } from '../../shared/evaluation/classification.ts'
import { doubtFigures } from '../../shared/evaluation/doubt.ts'
import { MEAN_SHARE_METHOD, share } from '../../shared/evaluation/share.ts'
import { foundAndNamed, type KnownCell } from '../../shared/evaluation/types.ts'
import { mostProbable } from '../../shared/most-probable.ts'
import { ImageGarbage } from '../image-garbage.ts'
import { readImage } from '../images/read-image.ts'
import type { Classifier } from '../inference/classifier.ts'
import { modelInfo } from '../inference/model-info.ts'
import { letGo } from '../let-go.ts'
import type { Analyser } from '../vision/analysis.ts'
import { type MatchRule, matchDetections } from '../vision/match.ts'
import { requirePixelSize } from '../vision/plausible.ts'
import { settlePixelSize } from '../vision/settle-pixel-size.ts'
import { readCellTypes } from './cell-types.ts'
import { openLabelledCrops } from './labelled-crops.ts'
import { type LabelledField, labelledFields } from './labelled-fields.ts'
import { CROP_SIDE_UM, type NameOptions, nameCells } from './name-cells.ts'

/** A detection belongs to a cell known by its centre only when it lies this near: about a blast's radius. */
const CENTRE_RADIUS_UM = 5.5

const CAUTION =
  'Crops of public sets carry no patient identifiers: cells of one patient may be among the training images too, so figures on them can be optimistic. For Research Use Only. Not for use in diagnostic procedures.'

const LIMITS = 'low and high of a share are exact (Clopper-Pearson) 95 % limits.'

/** Labelled crops, and how they are to be seen. */
export interface CropSet {
  /** Folder or tar archive, see `openLabelledCrops`. */
  readonly path: string
  /** null: each crop shows `CROP_SIDE_UM`. */
  readonly pixelSizeUm: number | null
  /** See `inSplit`. */
  readonly split: string
}

/** Rejects as `openLabelledCrops` and `readImage` do. */
export async function evaluateCrops(set: CropSet, classifier: Classifier): Promise<ClassificationReport> {
  const notes =
    set.pixelSizeUm === null
      ? [
          `No pixel size was given: each crop is taken to show ${CROP_SIDE_UM} um from side to side, as those of the public marrow database.`,
        ]
      : []
  return report(await judgeCrops(set, classifier), set.path, notes, classifier)
}

/** What the model says of each crop of a set. Rejects as `openLabelledCrops` and `readImage` do. */
export async function judgeCrops(
  { path, pixelSizeUm, split }: CropSet,
  classifier: Classifier,
  options: NameOptions = {},
): Promise<JudgedCell[]> {
  if (pixelSizeUm !== null) requirePixelSize(pixelSizeUm)
  const { crops, close } = await openLabelledCrops(path, split)
  try {
    const named = await nameCells(crops, pixelSizeUm, classifier, options)
    return named.map(({ class: predicted, probability, unfamiliarity }, i) => ({
      truth: crops[i].class,
      predicted,
      probability,
      unfamiliarity,
    }))
  } finally {
    await close()
  }
}

/** Rejects as `labelledFields`, `readCellTypes`, `settlePixelSize` and `readImage` do, and `invalid-input` where no pixel size is known. */
export async function evaluateFields(
  folder: string,
  choice: PixelSizeChoice | null,
  analyser: Analyser,
  classifier: Classifier,
): Promise<DetectionReport> {
  const types = await readCellTypes(folder)
  const all = await labelledFields(folder, types)
  const fields = all.filter((field) => field.cells.length > 0)
  // Fields without a marked cell have red cells too.
  const settled =
    choice === null
      ? { pixelSizeUm: null, pixelSizeEstimate: null }
      : await settlePixelSize(
          choice,
          all.map(({ image }) => image),
          analyser,
        )
  const judged: JudgedCell[] = []
  const known: KnownCell[] = []
  const faults: DetectionReport['faults'] = []
  const ious: number[] = []
  let [cells, found, extra] = [0, 0, 0]
  const garbage = new ImageGarbage()
  for (const field of fields) {
    const seen = await seeField(field, pixelSizeOf(field, settled.pixelSizeUm), analyser, classifier)
    garbage.passed(seen.imageBytes)
    const { match } = seen
    cells += field.cells.length
    found += match.truePositives
    extra += match.extra.length
    ious.push(...match.ious)
    if (match.missed.length > 0 || match.extra.length > 0) {
      faults.push({ image: field.image, missed: match.missed.length, extra: match.extra.length })
    }
    const named = seen.named.filter((cell) => cell !== null)
    judged.push(...named)
    known.push(...named)
    for (const missed of match.missed) {
      const truth = field.cells[missed].class
      if (truth !== null) known.push({ truth, predicted: null })
    }
  }
  const together = known.length === 0 ? null : foundAndNamed(known)
  return {
    data: folder,
    images: fields.length,
    imagesWithoutCells: all.length - fields.length,
    ...settled,
    rule: `one to one; boxes: centre inside the marked box; centres: within ${CENTRE_RADIUS_UM} um`,
    cells,
    found,
    missed: cells - found,
    extra,
    recall: share(found, cells),
    precision: share(found, found + extra),
    meanIou: ious.length === 0 ? null : ious.reduce((sum, iou) => sum + iou, 0) / ious.length,
    faults,
    classification: judged.length === 0 ? null : report(judged, folder, types?.notes ?? [], classifier),
    typesBalancedAccuracy: together?.balancedAccuracy.value ?? null,
    types: together && { ...together, rule: [together.rule, ...(types?.notes ?? [])].join(' ') },
  }
}

/** What detector and model make of a field: by pair of the match, the cell named; null: its class is not known. */
async function seeField(field: LabelledField, pixelSizeUm: number, analyser: Analyser, classifier: Classifier) {
  const { input } = classifier.manifest
  const scale = { inputPx: input.sizePx, pixelSizeUm: input.pixelSizeUm }
  const image = await readImage(field.image)
  const { detections, modelCrops } = await analyser.analyse(image, pixelSizeUm, scale, null)
  const imageBytes = image.data.byteLength
  const match = matchDetections(field.cells, detections, ruleFor(field, pixelSizeUm))
  if (!modelCrops || match.pairs.length === 0) return { match, named: [], imageBytes }
  const { probabilities, unfamiliarity } = await classifier.classify(modelCrops, detections.length)
  letGo(modelCrops)
  const named = match.pairs.map((pair): JudgedCell | null => {
    const { class: truth, also } = field.cells[pair.truth]
    if (truth === null) return null
    const best = mostProbable(probabilities, classifier.classes, pair.detection)
    // A set that does not tell two classes apart cannot call either wrong.
    const predicted = also.includes(best.class) ? truth : best.class
    const { probability } = best
    return { truth, predicted, probability, unfamiliarity: unfamiliarity?.[pair.detection] ?? null }
  })
  return { match, named, imageBytes }
}

function ruleFor(field: LabelledField, pixelSizeUm: number): MatchRule {
  return field.kind === 'boxes' ? { kind: 'box' } : { kind: 'radius', radiusPx: CENTRE_RADIUS_UM / pixelSizeUm }
}

function pixelSizeOf(field: LabelledField, given: number | null): number {
  const pixelSizeUm = given ?? field.pixelSizeUm
  if (pixelSizeUm === null) {
    throw new MedullaError('invalid-input', `The pixel size of ${field.image} is not known.`, {
      remedy: 'Give the micrometres a pixel with --pixel-size, or auto to have them estimated from the red cells.',
    })
  }
  requirePixelSize(pixelSizeUm)
  return pixelSizeUm
}

function report(
  judged: readonly JudgedCell[],
  data: string,
  notes: readonly string[],
  classifier: Classifier,
): ClassificationReport {
  const { name, version } = classifier.manifest
  const { classes, calibration, ...figures } = classificationFigures(judged)
  const { unsure, unfamiliar } = doubtFigures(judged, modelInfo(classifier))
  return {
    model: `${name} ${version}`,
    data,
    ...figures,
    classes: [...classes],
    calibration: { ...calibration, bins: [...calibration.bins] },
    doubt: { unsure: [...unsure], unfamiliar },
    notes: [...notes, LIMITS, `meanRecall: ${MEAN_SHARE_METHOD}.`],
    caution: CAUTION,
  }
}
