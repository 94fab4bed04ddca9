import { z } from 'zod'
import { procedure } from './base.ts'
import { inference, modelInfo } from './models.ts'

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
      /** What it runs on; null where there is no model. */
      inference: inference.nullable(),
      /** Why there is no model; null where there is one. */
      modelProblem: z.object({ message: z.string(), remedy: z.string() }).nullable(),
      activeRunId: z.number().int().nullable(),
      researchUseOnly: z.string(),
    }),
  ),
  doctor: procedure.output(z.object({ healthy: z.boolean(), findings: z.array(finding) })),
}
