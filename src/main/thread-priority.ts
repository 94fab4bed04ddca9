import { readlinkSync } from 'node:fs'
import { setPriority } from 'node:os'

/**
 * By what they compute, 0 being the thread that drives stage, camera and window. What comes later in the pipeline goes first, so
 * that a field already captured is finished before the next are begun. A simulated camera's image is drawn before all of it: a real one is there
 * however busy the processor is, and the stage waits for it.
 */
const NICENESS = { rendering: 1, inference: 4, registration: 5, analysis: 7, mapping: 15 } as const

/**
 * Called by a worker that computes: from now on threads with less to do go first when both want the processor. Only Linux gives threads priorities of their own; elsewhere, or where it is not allowed, nothing happens.
 */
export function stepBack(work: keyof typeof NICENESS): void {
  if (process.platform !== 'linux') return
  try {
    // "PID/task/TID". `setPriority` hands the id to setpriority(2), which on Linux means the thread.
    const [, , threadId] = readlinkSync('/proc/thread-self').split('/')
    setPriority(Number(threadId), NICENESS[work])
  } catch {
    // The work gets done at any priority.
  }
}
