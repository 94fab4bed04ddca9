import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { setPriority } from 'node:os'

/**
 * By what they compute, 0 being the thread that drives stage, camera and window, and the window itself. What comes later in the pipeline
 * goes first, so that a field already captured is finished before the next are begun. A simulated camera's image is drawn before all of it: a
 * real one is there however busy the processor is, and the stage waits for it. They stand well behind 0, as each step is worth a quarter only:
 * six threads at 1 to 7 together outweighed bench and window, and a new field was on screen late (decision 25).
 */
export const NICENESS = {
  rendering: 6,
  helping: 9,
  inference: 10,
  registration: 12,
  analysis: 14,
  mapping: 19,
} as const

/**
 * Called by a worker that computes: from now on threads with less to do go first when both want the processor. Only Linux gives threads priorities of their own; elsewhere, or where it is not allowed, nothing happens.
 */
export function stepBack(work: keyof typeof NICENESS): void {
  unlessRefused(() => {
    // "PID/task/TID".
    const [, , threadId] = readlinkSync('/proc/thread-self').split('/')
    yieldAs(Number(threadId), work)
  })
}

/**
 * The same for the threads of Node that compile and collect garbage for all others: half of what they do is for threads that have stepped back. Electron
 * names and shares its own otherwise, and keeps them as they are.
 */
export function helpersStepBack(): void {
  unlessRefused(() => {
    for (const threadId of readdirSync('/proc/self/task')) {
      if (readFileSync(`/proc/self/task/${threadId}/comm`, 'utf8') === 'V8Worker\n')
        yieldAs(Number(threadId), 'helping')
    }
  })
}

/** `setPriority` hands the id to setpriority(2), which on Linux means the thread. */
const yieldAs = (threadId: number, work: keyof typeof NICENESS): void => setPriority(threadId, NICENESS[work])

function unlessRefused(change: () => void): void {
  if (process.platform !== 'linux') return
  try {
    change()
  } catch {
    // The work gets done at any priority.
  }
}
