import { z } from 'zod'
import { procedure } from './base.ts'
import { runSummary } from './runs.ts'

export const caseSummary = z.object({
  caseId: z.number().int(),
  /** The laboratory's number for the case, e.g. 26-1183. */
  accession: z.string(),
  /** null: not given. */
  patientName: z.string().nullable(),
  birthYear: z.number().int().nullable(),
  sex: z.enum(['F', 'M', 'X']).nullable(),
  specimen: z.string(),
  stain: z.string(),
  createdAt: z.string(),
  runs: z.array(runSummary),
})
export type CaseSummary = z.infer<typeof caseSummary>

export const newCase = z.object({
  accession: z.string().trim().min(1).max(64),
  patientName: z.string().trim().max(200).nullable().default(null),
  birthYear: z.number().int().min(1880).max(2100).nullable().default(null),
  sex: z.enum(['F', 'M', 'X']).nullable().default(null),
  specimen: z.string().default('Bone marrow aspirate'),
  stain: z.string().default('May-Gruenwald-Giemsa'),
})

export const cases = {
  /** Newest first. */
  list: procedure.output(z.object({ cases: z.array(caseSummary) })),
  create: procedure.input(newCase).output(caseSummary),
}
