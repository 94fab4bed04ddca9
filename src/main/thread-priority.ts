import { readlinkSync } from 'node:fs'
import { setPriority } from 'node:os'

/** Of threads that compute for long: below the default of 0, above what runs only when nothing else does. */
const COMPUTING_NICENESS = 5

/**
 * Called by a worker that computes: from now on the thread that drives stage, camera and window goes first when both want the
 * processor. Only Linux gives threads priorities of their own; elsewhere, or where it is not allowed, nothing happens.
 */
export function stepBack(): void {
  if (process.platform !== 'linux') return
  try {
    // "PID/task/TID". `setPriority` hands the id to setpriority(2), which on Linux means the thread.
    const [, , threadId] = readlinkSync('/proc/thread-self').split('/')
    setPriority(Number(threadId), COMPUTING_NICENESS)
  } catch {
    // The work gets done at any priority.
  }
}
