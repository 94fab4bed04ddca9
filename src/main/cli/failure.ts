import { randomBytes } from 'node:crypto'
import { ORPCError } from '@orpc/client'
import { ERROR_CODES, MedullaError } from '../../shared/errors.ts'

/** What the command line tells of an error: `{"error": ...}` with --json. */
export interface Failure {
  readonly code: string
  readonly message: string
  readonly remedy: string
}

/** A run that stopped by an error or by hand and can be resumed: the failure, and which run. */
export class RunStopped extends Error {
  readonly failure: Failure
  readonly runId: number
  readonly exitCode: number

  constructor(failure: Failure, runId: number, exitCode: number) {
    super(failure.message)
    this.failure = failure
    this.runId = runId
    this.exitCode = exitCode
  }
}

/** The error as a person can act on it. Errors nobody foresaw become `internal` and are written to stderr with an id. */
export function toFailure(error: unknown): Failure {
  if (error instanceof MedullaError) return { code: error.code, message: error.message, remedy: error.detail.remedy }
  if (error instanceof RunStopped) return error.failure
  if (error instanceof ORPCError) {
    if (error.code in ERROR_CODES) return { code: error.code, message: error.message, remedy: remedyOf(error.data) }
    if (error.code === 'BAD_REQUEST') return invalidInput(issuesOf(error.data) ?? error.message)
  }
  const id = randomBytes(4).toString('hex')
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error)
  process.stderr.write(`[${id}] ${detail}\n`)
  return {
    code: 'internal',
    message: `Something went wrong inside Medulla (${id}).`,
    remedy: `Report it with the lines on standard error that begin with [${id}]; nothing that was saved is lost.`,
  }
}

export function invalidInput(message: string): Failure {
  return {
    code: 'invalid-input',
    message,
    remedy: 'Correct the value; `npm run -s medulla -- help COMMAND` lists what is taken.',
  }
}

function remedyOf(data: unknown): string {
  if (typeof data === 'object' && data && 'remedy' in data && typeof data.remedy === 'string') return data.remedy
  return 'See `npm run -s medulla -- doctor`.'
}

/** oRPC puts the schema's complaints into `data.issues`. */
function issuesOf(data: unknown): string | null {
  if (typeof data !== 'object' || !data || !('issues' in data) || !Array.isArray(data.issues)) return null
  return data.issues
    .map(
      (issue: { path?: readonly PropertyKey[]; message?: string }) =>
        `${issue.path?.join('.') ?? ''}: ${issue.message ?? ''}`,
    )
    .join('; ')
}
