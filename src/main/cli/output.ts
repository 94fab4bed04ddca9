import { decimalsFor } from '../../shared/differential/decimals.ts'
import { RESEARCH_USE_ONLY } from '../../shared/taxonomy.ts'

/** Where a command's answer goes: one JSON object, or text for people, on stdout; everything else on stderr. */
export interface Output {
  readonly json: boolean
  /** The command's one answer: `value` with --json, else `text()`. Both carry the research-use line. */
  answer(value: Readonly<Record<string, unknown>>, text: () => string): Promise<void>
  /** A line for people, on stderr. */
  note(line: string): void
}

export function createOutput(json: boolean): Output {
  return {
    json,
    answer(value, text) {
      return write(
        json
          ? `${JSON.stringify({ ...value, researchUseOnly: RESEARCH_USE_ONLY })}\n`
          : `${text()}\n\n${RESEARCH_USE_ONLY}\n`,
      )
    },
    note(line) {
      process.stderr.write(`${line}\n`)
    },
  }
}

/** Resolves once the text has left the process, so that exiting afterwards cuts nothing off. */
export function write(text: string): Promise<void> {
  return new Promise((resolve) => process.stdout.write(text, () => resolve()))
}

/** Columns aligned with two spaces between; numbers' columns to the right. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): string {
  const width = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column].length)))
  const line = (row: readonly string[]) =>
    row
      .map((text, column) => (right.includes(column) ? text.padStart(width[column]) : text.padEnd(width[column])))
      .join('  ')
      .trimEnd()
  return [line(head), width.map((n) => '-'.repeat(n)).join('  '), ...rows.map(line)].join('\n')
}

/** `decimals`: see `decimalsFor`. */
export function percentText(percent: number | null, decimals = 1): string {
  return percent === null ? '-' : percent.toFixed(decimals)
}

export function rangeText(low: number | null, high: number | null): string {
  if (low === null) return '-'
  const decimals = decimalsFor(low, high)
  return high === null ? `over ${low.toFixed(decimals)}` : `${low.toFixed(decimals)}-${high.toFixed(decimals)}`
}

/** Minutes and seconds. */
export function timeText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  return `${String(Math.floor(whole / 60)).padStart(2, '0')}:${String(whole % 60).padStart(2, '0')}`
}
