import { z } from 'zod'
import { classCode, procedure } from './base.ts'
import { split } from './models.ts'
import { pixelSizeChoice, pixelSizeEstimate } from './pixel-size.ts'

/** 0-1, with exact (Clopper-Pearson) 95 % limits; value null: of nothing. */
const share = z.object({ value: z.number().nullable(), low: z.number(), high: z.number(), n: z.number().int() })
/** Mean over classes, each with the same weight, with 95 % limits; value null: no class. */
const meanShare = z.object({
  value: z.number().nullable(),
  low: z.number(),
  high: z.number(),
  classes: z.number().int(),
})

export const classificationReport = z.object({
  model: z.string(),
  /** What the figures are about. */
  data: z.string(),
  n: z.number().int(),
  accuracy: share,
  /** Mean strict recall of the classes that are there; with a neighbouring stage as right. */
  balancedAccuracy: z.number().nullable(),
  tolerantBalancedAccuracy: z.number().nullable(),
  /** The same two with their limits. */
  meanRecall: meanShare,
  tolerantMeanRecall: meanShare,
  classes: z.array(
    z.object({
      class: classCode,
      n: z.number().int(),
      precision: share,
      recall: share,
      tolerantPrecision: share,
      tolerantRecall: share,
      reference: z.object({
        images: z.number().int(),
        precision: z.number(),
        recall: z.number(),
        tolerantPrecision: z.number(),
        tolerantRecall: z.number(),
      }),
    }),
  ),
  confusion: z.partialRecord(classCode, z.partialRecord(classCode, z.number().int())),
  calibrationError: z.number().nullable(),
  calibration: z.object({
    error: z.number().nullable(),
    method: z.string(),
    bins: z.array(
      z.object({
        from: z.number(),
        to: z.number(),
        n: z.number().int(),
        probability: z.number().nullable(),
        right: z.number().nullable(),
      }),
    ),
  }),
  /** What the model's own doubts are worth here. */
  doubt: z.object({
    /** At the model's own error rate, then at the others it states a limit for; empty: it states none. */
    unsure: z.array(
      z.object({
        errorRate: z.number(),
        below: z.number(),
        unsure: share,
        wrongAmongSure: share,
        wrongAmongUnsure: share,
      }),
    ),
    /** null: the model cannot tell. */
    unfamiliar: z
      .object({
        above: z.number(),
        unfamiliar: share,
        statedShare: z.number(),
        wrongAmongFamiliar: share,
        wrongAmongUnfamiliar: share,
      })
      .nullable(),
  }),
  /** How limits and figures are made, and what was taken for granted. */
  notes: z.array(z.string()),
  /** What to keep in mind when the figures are quoted. */
  caution: z.string(),
})
export type ClassificationReport = z.infer<typeof classificationReport>

export const detectionReport = z.object({
  data: z.string(),
  images: z.number().int(),
  /** Left out, as no cell is marked in them. */
  imagesWithoutCells: z.number().int(),
  /** Of all images; null: each as its truth file says. */
  pixelSizeUm: z.number().nullable(),
  /** null: the pixel size was stated. */
  pixelSizeEstimate: pixelSizeEstimate.nullable(),
  /** How a found cell is matched with a marked one. */
  rule: z.string(),
  cells: z.number().int(),
  found: z.number().int(),
  missed: z.number().int(),
  extra: z.number().int(),
  recall: share,
  precision: share,
  /** Mean intersection over union of matched boxes; null: the truth has no boxes. */
  meanIou: z.number().nullable(),
  /** By image, those with a fault only. */
  faults: z.array(z.object({ image: z.string(), missed: z.number().int(), extra: z.number().int() })),
  /** Of the cells found whose class is known; null: no class is known. */
  classification: classificationReport.nullable(),
  /**
   * Detector and classifier together, in one number: the mean over types with more than `types.moreThan` cells of the share that was found and
   * named rightly; a missed cell is a wrong one. null: no type has so many.
   */
  typesBalancedAccuracy: z.number().nullable(),
  /** What that number is made of; null: no cell's class is known. */
  types: z
    .object({
      rule: z.string(),
      moreThan: z.number().int(),
      balancedAccuracy: meanShare,
      classes: z.array(
        z.object({
          class: classCode,
          n: z.number().int(),
          missed: z.number().int(),
          /** Found and named rightly, of all. */
          recall: share,
          /** In the mean: there are more than `moreThan` of it. */
          inMean: z.boolean(),
        }),
      ),
    })
    .nullable(),
})
export type DetectionReport = z.infer<typeof detectionReport>

/** Labelled sets: what the model and the detector in use are worth on them. */
export const reference = {
  /**
   * Single cells in folders named by class code, in a folder or a tar archive. `pixelSizeUm` null: each crop shows 23 um, as those of the
   * public database do.
   */
  evaluateCrops: procedure
    .input(
      z.object({
        path: z.string().min(1),
        pixelSizeUm: z.number().positive().nullable().default(null),
        split: split.default('all'),
      }),
    )
    .output(classificationReport),
  /** Fields with Pascal VOC or JSON truth beside them; `pixelSizeUm` null: as the truth files say; auto: one estimate for them all. */
  evaluateFields: procedure
    .input(z.object({ folder: z.string().min(1), pixelSizeUm: pixelSizeChoice.nullable().default(null) }))
    .output(detectionReport),
}
