import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { classCode, procedure } from './base.ts'

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

/**
 * How many validation images of a class have at least some probability of it, so that a search for a rare class can ask for a recall: the lower
 * the probability asked for, the fewer are missed and the more others have to be looked at.
 */
export const candidateFigures = z.object({
  /** Validation images of the class, and of all others. */
  of: count,
  othersOf: count,
  /** By falling probability: images of the class that have at least this, and others. */
  table: z.array(z.object({ atLeast: share, hits: count, others: count })).min(1),
})
export type CandidateFigures = z.infer<typeof candidateFigures>

/** On real validation images, and on such as the simulator drew. */
export const candidates = z.object({
  real: z.partialRecord(classCode, candidateFigures),
  rendered: z.partialRecord(classCode, candidateFigures),
})

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
  candidates: candidates.nullable().default(null),
  measured: z.array(measuredSet).nullable(),
  /** Values of the feature vector it gives with each cell; null: none. */
  embeddingSize: z.number().int().nullable(),
  /** Markdown. */
  card: z.string(),
})
export type ModelInfo = z.infer<typeof modelInfo>

/** CUDA, DirectML, CoreML, WebGPU, or the processor. */
export const executionProvider = z.enum(['cuda', 'dml', 'coreml', 'webgpu', 'cpu'])

/** What the model in use runs on. */
export const inference = z.object({
  variant: modelVariant,
  provider: executionProvider,
  /** Those that would have been preferred, and why they were not taken. */
  passedOver: z.array(z.object({ provider: executionProvider, reason: z.string() })),
})
export type Inference = z.infer<typeof inference>

/** A model package that can be used by its name. */
export const storedModel = z.object({
  name: z.string(),
  version: z.string(),
  /** It comes with Medulla and cannot be removed. */
  bundled: z.boolean(),
  inUse: z.boolean(),
  /** Empty: the package is damaged. */
  variants: z.array(modelVariant),
  classes: z.number().int().nullable(),
  /** All its files. */
  bytes: z.number(),
  /** Why it cannot be used; null: nothing known. */
  problem: z.object({ message: z.string(), remedy: z.string() }).nullable(),
})
export type StoredModel = z.infer<typeof storedModel>

/** Which of its graphs, and whether that is what its manifest says. */
export const verifiedGraph = z.object({
  variant: modelVariant,
  sha256: z.string(),
  /** Crops of the test vector; null: the package has none. */
  testCrops: z.number().int().nullable(),
  /** Largest difference of a probability to the one stated, and how much is allowed; null: no test vector. */
  difference: z.number().nullable(),
  tolerance: z.number().nullable(),
})

const figures = measuredSet.pick({ n: true, balancedAccuracy: true, accuracy: true, calibrationError: true })

/** Figures of the manifest measured again. */
export const verifiedSet = z.object({
  stated: measuredSet,
  /** null: the images are not there. */
  measured: figures.nullable(),
  /** Every figure lies within the tolerance; null: not measured. */
  holds: z.boolean().nullable(),
})
export type VerifiedSet = z.infer<typeof verifiedSet>

export const verification = z.object({
  model: z.string(),
  graphs: z.array(verifiedGraph),
  sets: z.array(verifiedSet),
  /** Where the images were looked for. */
  dataFolder: z.string().nullable(),
  /** Nothing that was measured differs from what is stated. */
  holds: z.boolean(),
})
export type Verification = z.infer<typeof verification>

export const verificationEvent = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('working'),
    /** What is looked at now, in words. */
    activity: z.string(),
    /** Images of this set, so far and in all. */
    done: z.number().int(),
    of: z.number().int(),
  }),
  z.object({ state: z.literal('ready'), verification }),
])

/** NAME, or NAME@VERSION where there are several versions. */
const modelRef = z.string().min(1).max(200)

/** Model packages: what there is, what is in use. A package is checked before it is taken in, and never changed after. */
export const models = {
  list: procedure.output(
    z.object({
      models: z.array(storedModel),
      /** null: none can be opened, see `problem`. */
      inUse: inference.extend({ name: z.string(), version: z.string() }).nullable(),
      problem: z.object({ message: z.string(), remedy: z.string() }).nullable(),
      /** The model was named when the bench was started: what is chosen here takes effect without that. */
      overridden: z.boolean(),
    }),
  ),
  /** What a package says of itself. */
  get: procedure.input(z.object({ model: modelRef })).output(modelInfo),
  /** A folder or a zip file on the bench's own disk. It is not in use by that. */
  add: procedure.input(z.object({ path: z.string().min(1) })).output(storedModel),
  /** Runs from now on use it; one that goes on keeps its own. A model that cannot be opened is refused and the old one stays. */
  use: procedure
    .input(z.object({ model: modelRef, variant: modelVariant.default('float') }))
    .output(inference.extend({ name: z.string(), version: z.string() })),
  /** Runs it has read keep what it said. Rejects `invalid-input` for the one in use, one a run goes on with, and the bundled one. */
  remove: procedure.input(z.object({ model: modelRef })).output(z.object({ removed: z.string() })),
  /**
   * How far it is, then the report. `model` null: the one in use. `dataFolder`: where the images of the stated figures lie; null: hash
   * and test vector alone.
   */
  verify: procedure
    .input(
      z.object({ model: modelRef.nullable().default(null), dataFolder: z.string().min(1).nullable().default(null) }),
    )
    .output(eventIterator(verificationEvent)),
}
