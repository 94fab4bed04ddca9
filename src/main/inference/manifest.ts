import { z } from 'zod'
import {
  candidates,
  classEvidence,
  confusionCounts,
  measuredSet,
  unfamiliarRule,
  unsureRule,
} from '../../shared/contract/models.ts'
import { CLASS_CODES } from '../../shared/taxonomy.ts'

/** Of a file, lower case hex. */
const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
/** By crop, then by class. */
const rows = z.array(z.array(z.number().min(0).max(1)))
/** How far a probability may lie from the one stated; more would let any model pass. */
const tolerance = z.number().positive().max(0.1)

/**
 * `manifest.json` of a model package: a folder with the manifest, the ONNX file and `card.md`. An optional part that is absent
 * means that the package does not say.
 */
export const modelManifest = z.object({
  schema: z.literal(1),
  name: z.string(),
  version: z.string(),
  file: z.string(),
  /** Of the ONNX file. */
  sha256,
  /** In the order of the output. */
  classes: z.array(z.enum(CLASS_CODES)).min(2),
  input: z.object({
    name: z.string(),
    /** Side of the square crop, pixels. */
    sizePx: z.number().int().positive(),
    /** Micrometres a pixel of the crop. */
    pixelSizeUm: z.number().positive(),
    type: z.enum(['uint8', 'float32']),
    layout: z.enum(['NHWC', 'NCHW']),
    /** Of pixel / 255, by channel RGB; null: the graph takes 0-255 as it is. */
    normalisation: z.object({ mean: z.array(z.number()).length(3), std: z.array(z.number()).length(3) }).nullable(),
  }),
  output: z.object({
    name: z.string(),
    kind: z.enum(['logits', 'probabilities']),
    /** A second output, float32 n x size: one feature vector a crop. */
    embedding: z.object({ name: z.string(), size: z.number().int().positive().max(4096) }).optional(),
    /** An output of n float32: how far the crop lies from what the model was trained on, bigger is further. */
    unfamiliarity: z.object({ name: z.string() }).optional(),
  }),
  licence: z.string(),
  /** Where the training images came from, each with its licence. */
  sources: z.array(z.object({ name: z.string(), citation: z.string(), licence: z.string() })),
  /** By class, on validation images no training saw. */
  evidence: z.partialRecord(z.enum(CLASS_CODES), classEvidence),
  unsure: unsureRule.optional(),
  unfamiliar: unfamiliarRule.optional(),
  confusion: confusionCounts.optional(),
  /** The same on drawn validation images: what the counts of simulated smears are corrected by. */
  confusionRendered: confusionCounts.optional(),
  /** What a search for a class finds at which probability of it. */
  candidates: candidates.optional(),
  /** Crops and the probabilities the graph gives them, so that a copy can be tried wherever it comes to run. */
  testVector: z
    .object({
      /** A file of the package: n x sizePx x sizePx x 3 bytes, RGB. */
      crops: z.string(),
      n: z.number().int().positive().max(256),
      probabilities: rows,
      tolerance,
    })
    .optional(),
  /** Figures that `model verify` measures again. */
  measured: z.array(measuredSet).optional(),
  /** A second graph with the same inputs and outputs, of 8 bit weights. */
  int8: z
    .object({
      file: z.string(),
      sha256,
      /** What this graph gives the crops of the test vector; absent: the test vector's, within half a probability. */
      probabilities: rows.optional(),
      tolerance: tolerance.optional(),
    })
    .optional(),
})
export type ModelManifest = z.infer<typeof modelManifest>
