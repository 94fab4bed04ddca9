/** How a protocol's parser takes a line: as the whole answer, as a part of it, as a refusal, or not at all. */
export type Reading<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'more' }
  | { readonly kind: 'refused'; readonly words: string }
  | { readonly kind: 'foreign' }

/** One thing sent to a controller and how its answer reads. */
export interface Exchange<T> {
  /** ASCII as sent, with its terminator. Characters above 127 stand for that byte. */
  readonly send: string
  /** What it is for, as in "the controller did not answer when asked for its position". */
  readonly what: string
  /**
   * Given the lines of the answer one by one, without terminators and never empty, until it says done or refused. `foreign` means
   * that this cannot be an answer to what was sent. Must keep no state from one sending to the next: `begin` makes a new one.
   * null: the controller does not answer; done as soon as it is sent.
   */
  readonly begin: (() => (line: string) => Reading<T>) | null
  /** The answer is single characters without a terminator. */
  readonly unterminated?: boolean
  /** Something may move because of it. Never sent twice by itself. */
  readonly motion?: boolean
  /** The answer comes when the motion is over; until then other questions are answered (`LineSession.begin`). */
  readonly later?: boolean
  /** How long the answer may take; absent: the session's time. */
  readonly timeoutMs?: number
}

export const done = <T>(value: T): Reading<T> => ({ kind: 'done', value })
export const refused = (words: string): Reading<never> => ({ kind: 'refused', words })
export const MORE: Reading<never> = { kind: 'more' }
export const FOREIGN: Reading<never> = { kind: 'foreign' }

/** An exchange whose answer is one line. */
export function oneLine<T>(
  send: string,
  what: string,
  read: (line: string) => Reading<T>,
  rest: Pick<Exchange<T>, 'motion' | 'timeoutMs' | 'unterminated' | 'later'> = {},
): Exchange<T> {
  return { send, what, begin: () => read, ...rest }
}
