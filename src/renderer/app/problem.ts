import { ORPCError } from '@orpc/client'

/** What went wrong and what to do, in words a person can act on. */
export interface Problem {
  readonly message: string
  readonly remedy: string
  readonly code: string | null
}

const UNREACHABLE: Problem = {
  message: 'The bench does not answer.',
  remedy: 'Wait a moment; the window keeps trying. If it stays away, start Medulla again: nothing committed is lost.',
  code: null,
}

const NOT_SIGNED_IN: Problem = {
  message: 'The bench does not know this window.',
  remedy: 'Open the link that Medulla printed when it started last: it carries the key.',
  code: 'not-signed-in',
}

export function describeProblem(error: unknown): Problem {
  if (error instanceof ORPCError) {
    if (error.status === 401 || error.status === 403) return NOT_SIGNED_IN
    if (error.status === 502 && !hasRemedy(error.data)) return UNREACHABLE
    return {
      message: error.message,
      remedy: hasRemedy(error.data)
        ? error.data.remedy
        : 'Try again; if it happens again, look into the log in the data folder.',
      code: error.code,
    }
  }
  // A fetch that never reached anybody is a TypeError in every browser.
  if (error instanceof TypeError) return UNREACHABLE
  return {
    message: error instanceof Error ? error.message : String(error),
    remedy: 'Try again; if it happens again, look into the log in the data folder.',
    code: null,
  }
}

export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError'
}

function hasRemedy(data: unknown): data is { remedy: string } {
  return (
    typeof data === 'object' &&
    data !== null &&
    'remedy' in data &&
    typeof data.remedy === 'string' &&
    data.remedy !== ''
  )
}
