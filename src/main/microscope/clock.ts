/**
 * Time for devices. Everything that waits for a controller takes its time from a clock, so that a simulation can run faster than
 * life, or in steps that depend on nothing but its seed (`simulator/virtual-clock.ts`).
 */
export interface Clock {
  /** Device milliseconds since some moment in the past. */
  nowMs(): number
  /** Calls once, after this many device milliseconds. @returns takes the call back. */
  after(ms: number, call: () => void): () => void
}

/** This process's time; at a scale of 10 ten device milliseconds pass in one. */
export class ProcessClock implements Clock {
  readonly timeScale: number

  constructor(timeScale = 1) {
    if (!(timeScale > 0 && Number.isFinite(timeScale))) throw new RangeError(`time scale ${timeScale} is not positive`)
    this.timeScale = timeScale
  }

  nowMs(): number {
    return performance.now() * this.timeScale
  }

  after(ms: number, call: () => void): () => void {
    const timer = setTimeout(call, Math.max(0, ms / this.timeScale))
    return () => clearTimeout(timer)
  }
}

/** Rejects with the signal's reason. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const end = () => {
      cancel()
      reject(signal?.reason)
    }
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener('abort', end)
      resolve()
    })
    signal?.addEventListener('abort', end, { once: true })
  })
}
