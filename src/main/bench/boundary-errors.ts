import { randomUUID } from 'node:crypto'
import { ORPCError } from '@orpc/server'
import type { Logger } from 'pino'
import { ERROR_CODES, type ErrorDetail, MedullaError } from '../../shared/errors.ts'

/** The same error as a `MedullaError`; one nobody foresaw becomes `internal`, with an id that finds its line in the log. */
export function asMedullaError(error: unknown, log: Logger): MedullaError {
  if (error instanceof MedullaError) return error
  const id = randomUUID().slice(0, 8)
  log.error({ id, err: error }, 'unforeseen error')
  const reason = error instanceof Error ? error.message : String(error)
  return new MedullaError(
    'internal',
    `Something went wrong inside Medulla: ${reason}`,
    {
      remedy: `Try again; if it happens again, report it with the lines around "${id}" in medulla.log.`,
      values: { id },
    },
    { cause: error },
  )
}

/** What crosses the boundary: code, message and detail, never the class. */
export function toBoundaryError(
  error: unknown,
  log: Logger,
): ORPCError<string, ErrorDetail> | ORPCError<string, unknown> {
  if (error instanceof ORPCError) return isBadInput(error) ? invalidInput(error) : error
  // Whoever asked has moved on: that is no failure, and nobody reads the answer.
  if (error instanceof DOMException && error.name === 'AbortError') return new ORPCError('CLIENT_CLOSED_REQUEST')
  const known = asMedullaError(error, log)
  return new ORPCError(known.code, {
    defined: true,
    status: ERROR_CODES[known.code].status,
    message: known.message,
    data: known.detail,
  })
}

/** A stream whose errors cross the boundary as those of a call do. */
export async function* withBoundaryErrors<T>(stream: AsyncGenerator<T, void>, log: Logger): AsyncGenerator<T, void> {
  try {
    yield* stream
  } catch (error) {
    throw toBoundaryError(error, log)
  }
}

interface InputIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[]
}

function isBadInput(error: ORPCError<string, unknown>): error is ORPCError<string, { issues: readonly InputIssue[] }> {
  const data = error.data as { issues?: unknown } | undefined
  return error.code === 'BAD_REQUEST' && Array.isArray(data?.issues)
}

function invalidInput(error: ORPCError<string, { issues: readonly InputIssue[] }>): ORPCError<string, ErrorDetail> {
  const said = error.data.issues.map((issue) => {
    const path = (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.')
    return path ? `${path}: ${issue.message}` : issue.message
  })
  return new ORPCError('invalid-input', {
    defined: true,
    status: ERROR_CODES['invalid-input'].status,
    message: `That cannot be used: ${said.join('; ')}.`,
    data: { remedy: 'Correct the named values and try again.' },
  })
}
