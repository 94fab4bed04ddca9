import { oc } from '@orpc/contract'
import { z } from 'zod'
import { ERROR_CODES, type ErrorCode } from '../errors.ts'
import { CLASS_CODES } from '../taxonomy.ts'

const errorData = z.object({
  remedy: z.string(),
  motionPossible: z.boolean().optional(),
  values: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
})

type ErrorMap = Record<ErrorCode, { status: number; data: typeof errorData }>

const errorMap = Object.fromEntries(
  Object.entries(ERROR_CODES).map(([code, { status }]) => [code, { status, data: errorData }]),
) as ErrorMap

/** Every procedure starts here, so every procedure can answer every code of `errors.ts`. */
export const procedure = oc.errors(errorMap)

export const classCode = z.enum(CLASS_CODES)
export const runIdInput = z.object({ runId: z.number().int().positive() })
/** Of which reading: a model's number from `runs.readings`; null: of the run's own model. */
export const ofReading = { modelId: z.number().int().positive().nullable().default(null) }
