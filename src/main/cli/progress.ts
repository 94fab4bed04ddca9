import type { RunEvent } from '../../shared/contract/runs.ts'
import { timeText } from './output.ts'

const BAR_WIDTH = 28
/** On a terminal the line is redrawn at each event; in a log file a line now and then is enough. */
const LOG_INTERVAL_MS = 5000

/** Shows how far something is, on stderr. */
export class Progress {
  #lastLine = ''
  #lastLogMs = Number.NEGATIVE_INFINITY
  readonly #stream: NodeJS.WriteStream

  constructor(stream: NodeJS.WriteStream = process.stderr) {
    this.#stream = stream
  }

  show(event: RunEvent): void {
    this.tell(progressLine(event))
  }

  tell(line: string): void {
    if (line === this.#lastLine) return
    if (this.#stream.isTTY) {
      this.#stream.write(`\r\u001b[2K${line.slice(0, (this.#stream.columns ?? 100) - 1)}`)
    } else {
      const nowMs = performance.now()
      if (nowMs - this.#lastLogMs < LOG_INTERVAL_MS) return
      this.#lastLogMs = nowMs
      this.#stream.write(`${line}\n`)
    }
    this.#lastLine = line
  }

  end(): void {
    if (this.#stream.isTTY && this.#lastLine) this.#stream.write('\n')
    this.#lastLine = ''
  }
}

function progressLine({ run, activity, secondsLeft }: RunEvent): string {
  const parts: string[] = []
  const share = doneShare(run)
  if (share !== null) {
    const filled = Math.round(share * BAR_WIDTH)
    parts.push(`[${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}]`)
  }
  parts.push(
    run.targetCells === null ? `${run.counted} cells counted` : `${run.counted}/${run.targetCells} cells counted`,
  )
  parts.push(run.plannedFields === null ? `field ${run.fields}` : `field ${run.fields}/${run.plannedFields}`)
  if (secondsLeft !== null) parts.push(`${timeText(secondsLeft)} left`)
  parts.push(activity)
  return parts.join('  ')
}

/** Whichever stop rule is nearer. null: neither is known. */
function doneShare(run: RunEvent['run']): number | null {
  const shares: number[] = []
  if (run.targetCells !== null) shares.push(run.counted / run.targetCells)
  if (run.plannedFields) shares.push(run.fields / run.plannedFields)
  return shares.length === 0 ? null : Math.min(1, Math.max(...shares))
}
