/** What keeps the bench from opening, and what to do about it. */
export interface Problem {
  readonly code: string
  readonly message: string
  readonly remedy: string
}

/** From the bench's process to the window's. */
export type BenchMessage = { readonly kind: 'ready' } | { readonly kind: 'failed'; readonly problem: Problem }

/** From the window's process to the bench's: close the bench and end. */
export const STOP_MESSAGE = 'stop'
