import { z } from 'zod'
import { classCode, procedure } from './base.ts'
import { split } from './models.ts'

const share = z.object({ value: z.number().nullable(), low: z.number(), high: z.number(), n: z.number().int() })

export const classificationReport = z.object({
  model: z.string(),
  /** What the figures are about. */
  data: z.string(),
  n: z.number().int(),
  accuracy: share,
  balancedAccuracy: z.number().nullable(),
  tolerantBalancedAccuracy: z.number().nullable(),
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
  /** What to keep in mind when the figures are quoted. */
  caution: z.string(),
})
export type ClassificationReport = z.infer<typeof classificationReport>

export const detectionReport = z.object({
  data: z.string(),
  images: z.number().int(),
  /** Left out, as no cell is marked in them. */
  imagesWithoutCells: z.number().int(),
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
})
export type DetectionReport = z.infer<typeof detectionReport>

/** Labelled sets: what the model and the detector in use are worth on them. */
export const reference = {
  /** Single cells in folders named by class code, in a folder or a tar archive. */
  evaluateCrops: procedure
    .input(z.object({ path: z.string().min(1), pixelSizeUm: z.number().positive(), split: split.default('all') }))
    .output(classificationReport),
  /** Fields with Pascal VOC or JSON truth beside them; `pixelSizeUm` null: as the truth files say. */
  evaluateFields: procedure
    .input(z.object({ folder: z.string().min(1), pixelSizeUm: z.number().positive().nullable().default(null) }))
    .output(detectionReport),
}
