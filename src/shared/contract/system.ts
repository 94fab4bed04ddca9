import { z } from 'zod'
import { classCode, procedure } from './base.ts'

export const modelInfo = z.object({
  name: z.string(),
  version: z.string(),
  classes: z.array(classCode),
  inputPx: z.number().int(),
  pixelSizeUm: z.number(),
  licence: z.string(),
  /** By class, on validation images no training saw: number, precision, recall, and whether the images were real. */
  evidence: z.partialRecord(
    classCode,
    z.object({
      images: z.enum(['real', 'rendered', 'none']),
      n: z.number().int(),
      precision: z.number().nullable(),
      recall: z.number().nullable(),
    }),
  ),
  card: z.string(),
})
export type ModelInfo = z.infer<typeof modelInfo>

export const finding = z.object({
  /** What was looked at, e.g. "model", "disk". */
  subject: z.string(),
  status: z.enum(['ok', 'warning', 'problem']),
  message: z.string(),
  remedy: z.string().nullable(),
})
export type Finding = z.infer<typeof finding>

export const system = {
  info: procedure.output(
    z.object({
      version: z.string(),
      dataFolder: z.string(),
      model: modelInfo.nullable(),
      /** Why there is no model; null where there is one. */
      modelProblem: z.object({ message: z.string(), remedy: z.string() }).nullable(),
      activeRunId: z.number().int().nullable(),
      researchUseOnly: z.string(),
    }),
  ),
  doctor: procedure.output(z.object({ healthy: z.boolean(), findings: z.array(finding) })),
}
