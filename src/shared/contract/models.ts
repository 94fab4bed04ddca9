import { z } from 'zod'
import { classCode } from './base.ts'

/** 0-1. */
const share = z.number().min(0).max(1)
const count = z.number().int().nonnegative()

/** What the model knows of a class, on validation images no training saw. */
export const classEvidence = z.object({
  images: z.enum(['real', 'rendered', 'none']),
  n: count,
  precision: share.nullable(),
  recall: share.nullable(),
})

/** A cell whose top probability is under `below` is unsure. */
export const unsureRule = z.object({
  below: share,
  /** Of the validation cells at or above `below`, at most this share are named wrongly. */
  errorRate: share,
  /** Validation cells the rule was made from. */
  n: count,
  /** Of the validation cells, this share are unsure. */
  share,
  /** The same rule for other error rates. */
  table: z.array(z.object({ errorRate: share, below: share, share })).default([]),
})

/** A cell whose unfamiliarity (how far it lies from what the model was trained on) is above `above` is flagged. */
export const unfamiliarRule = z.object({
  above: z.number(),
  /** Of the validation cells, this share are flagged. */
  share,
  n: count,
})

/** Validation images by true class, then by the class the model gave; each true class from the images its evidence names. */
export const confusionCounts = z.partialRecord(classCode, z.partialRecord(classCode, count))
export type ConfusionCounts = z.infer<typeof confusionCounts>

/** Which of a package's graphs: the full one, or the one of 8 bit weights. */
export const modelVariant = z.enum(['float', 'int8'])
export type ModelVariant = z.infer<typeof modelVariant>

/** Which images of a labelled set: "all", or "sha256-15": those whose file name's hash is below 15 of 100. */
export const split = z.string().regex(/^(all|sha256-(\d|[1-9]\d))$/, 'is neither "all" nor like "sha256-15"')

/** Figures on a set of labelled crops that `model verify` reproduces. */
export const measuredSet = z.object({
  set: z.string(),
  /** File or folder of CLASS/NAME crops under the data folder, e.g. "matek-160.tar". */
  path: z.string(),
  pixelSizeUm: z.number().positive(),
  split,
  variant: modelVariant.default('float'),
  n: count,
  balancedAccuracy: share,
  accuracy: share,
  calibrationError: share,
  /** How far a figure measured elsewhere may lie from the one stated. */
  tolerance: share,
})
export type MeasuredSet = z.infer<typeof measuredSet>

/** A model: what it is and what it is worth. Parts a package says nothing about are null. */
export const modelInfo = z.object({
  name: z.string(),
  version: z.string(),
  /** Of the graph in use, lower case hex. */
  sha256: z.string(),
  variant: modelVariant,
  classes: z.array(classCode),
  inputPx: z.number().int(),
  pixelSizeUm: z.number(),
  licence: z.string(),
  /** Where the training images came from, each with its licence. */
  sources: z.array(z.object({ name: z.string(), citation: z.string(), licence: z.string() })),
  evidence: z.partialRecord(classCode, classEvidence),
  unsure: unsureRule.nullable(),
  unfamiliar: unfamiliarRule.nullable(),
  confusion: confusionCounts.nullable(),
  /** The same on validation images that the simulator drew, for the counts of simulated smears. */
  confusionRendered: confusionCounts.nullable().default(null),
  measured: z.array(measuredSet).nullable(),
  /** Values of the feature vector it gives with each cell; null: none. */
  embeddingSize: z.number().int().nullable(),
  /** Markdown. */
  card: z.string(),
})
export type ModelInfo = z.infer<typeof modelInfo>
