import { done, type Exchange, FOREIGN, MORE, type Reading, refused } from './exchange.ts'

export interface LinesUntil<T> {
  readonly send: string
  readonly what: string
  /** The last line of the answer. */
  readonly end: RegExp
  /** Lines that may come before it. */
  readonly belongs: RegExp
  /** Words of a refusal; null: this line is none. */
  readonly refusal: (line: string) => string | null
  /** The last line comes after a refusal as well. */
  readonly refusalGoesOn?: boolean
  /** null: this cannot be the answer. */
  readonly value: (lines: readonly string[]) => T | null
  readonly timeoutMs?: number
}

/** An exchange whose answer is some lines and a last one, `ok` for example. */
export function linesUntil<T>(answer: LinesUntil<T>): Exchange<T> {
  const { send, what, timeoutMs, end, belongs, refusal, refusalGoesOn = false, value } = answer
  return {
    send,
    what,
    timeoutMs,
    begin: () => {
      const lines: string[] = []
      let words: string | null = null
      return (line): Reading<T> => {
        if (end.test(line)) {
          if (words !== null) return refused(words)
          const result = value(lines)
          return result === null ? FOREIGN : done(result)
        }
        const no = refusal(line)
        if (no !== null && !refusalGoesOn) return refused(no)
        if (no === null && !belongs.test(line)) return FOREIGN
        words ??= no
        lines.push(line)
        return MORE
      }
    },
  }
}
