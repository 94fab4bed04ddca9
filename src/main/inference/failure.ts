import { type ErrorCode, type ErrorDetail, MedullaError } from '../../shared/errors.ts'

/** What an error leaves of itself on its way through a message; without a code: one that is no `MedullaError`. */
export interface Failure {
  readonly code: ErrorCode | null
  readonly message: string
  readonly detail: ErrorDetail | null
}

export function failureOf(error: unknown): Failure {
  if (error instanceof MedullaError) return { code: error.code, message: error.message, detail: error.detail }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { code: null, message, detail: null }
}

export function asError({ code, message, detail }: Failure): Error {
  return code && detail ? new MedullaError(code, message, detail) : new Error(message)
}
