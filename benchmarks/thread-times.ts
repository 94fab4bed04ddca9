import { readdirSync, readFileSync } from 'node:fs'
import { NICENESS } from '../src/main/thread-priority.ts'

/** Processor time of this process, milliseconds, by what its threads are there for. */
export interface ThreadTimes {
  /** The thread that drives stage, camera and casebook. */
  readonly main: number
  /** Node's own: files, compression, garbage collection. */
  readonly node: number
  readonly inference: number
  /** Comparing neighbouring fields. */
  readonly registration: number
  readonly analysis: number
  /** Drawing what a simulated camera sees: a real one costs none of it. */
  readonly rendering: number
}

/** By what workers set for themselves, see `stepBack`. */
const WORKERS = ['rendering', 'inference', 'registration', 'analysis'] as const
const ROLE_BY_NICENESS = new Map<string, keyof ThreadTimes>(WORKERS.map((role) => [String(NICENESS[role]), role]))
const TICK_MS = 10

/** Of the threads there are now; null: this is not Linux, or the process itself was begun with a lower priority. */
export function threadTimes(): ThreadTimes | null {
  if (process.platform !== 'linux') return null
  const times = { main: 0, node: 0, inference: 0, registration: 0, analysis: 0, rendering: 0 }
  for (const thread of readdirSync('/proc/self/task')) {
    const stat = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8')
    // After the name in brackets, which may hold blanks: state is field 3, utime 14, stime 15, nice 19.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const nice = fields[16]
    const ms = TICK_MS * (Number(fields[11]) + Number(fields[12]))
    if (thread === String(process.pid)) {
      if (nice !== '0') return null
      times.main += ms
    } else times[ROLE_BY_NICENESS.get(nice) ?? 'node'] += ms
  }
  return times
}
