import { z } from 'zod'
import { CLASS_CODES } from '../../shared/taxonomy.ts'

/** `manifest.json` of a model package: a folder with the manifest, the ONNX file and `card.md`. */
export const modelManifest = z.object({
  schema: z.literal(1),
  name: z.string(),
  version: z.string(),
  file: z.string(),
  /** Of the ONNX file, lower case hex. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
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
  output: z.object({ name: z.string(), kind: z.enum(['logits', 'probabilities']) }),
  licence: z.string(),
  /** Where the training images came from, each with its licence. */
  sources: z.array(z.object({ name: z.string(), citation: z.string(), licence: z.string() })),
  /** By class, on validation images no training saw. */
  evidence: z.partialRecord(
    z.enum(CLASS_CODES),
    z.object({
      images: z.enum(['real', 'rendered', 'none']),
      n: z.number().int(),
      precision: z.number().nullable(),
      recall: z.number().nullable(),
    }),
  ),
})
export type ModelManifest = z.infer<typeof modelManifest>
