import { setImmediate, setTimeout } from 'node:timers/promises'

/**
 * Device time against this process's: device milliseconds are `performance.now()` times the scale, so at a scale of 10
 * motion, exposure and waiting take a tenth of the time.
 */
export class SimulatedClock {
  readonly timeScale: number

  constructor(timeScale = 1) {
    if (!(timeScale > 0 && Number.isFinite(timeScale))) throw new RangeError(`time scale ${timeScale} is not positive`)
    this.timeScale = timeScale
  }

  nowMs(): number {
    return this.toDeviceMs(performance.now())
  }

  toDeviceMs(processMs: number): number {
    return processMs * this.timeScale
  }

  toProcessMs(deviceMs: number): number {
    return deviceMs / this.timeScale
  }

  /** Resolves at or after the device time, within about a tenth of a millisecond; rejects with the signal's reason. */
  async sleepUntil(deviceMs: number, signal?: AbortSignal): Promise<void> {
    const untilMs = this.toProcessMs(deviceMs)
    for (;;) {
      signal?.throwIfAborted()
      const leftMs = untilMs - performance.now()
      if (leftMs <= 0) return
      try {
        // Timers are good to a millisecond; the rest is spent in turns of the event loop.
        if (leftMs > 1.5) await setTimeout(Math.floor(leftMs - 0.5), undefined, { signal })
        else await setImmediate(undefined, { signal })
      } catch (error) {
        signal?.throwIfAborted()
        throw error
      }
    }
  }
}
