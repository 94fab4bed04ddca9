/**
 * How much faster or slower than this computer's a source's clock may run, as a share. The crystals of cameras and network cards keep
 * to a tenth of this.
 */
const DRIFT = 2e-4
/** Stamps of this computer's clock lie no farther than this from the moment they are read, milliseconds. */
const HOST_BEFORE_MS = 10_000
const HOST_AHEAD_MS = 20
/** The way here counts as free once, for so long and so many frames, none came quicker than those before by more than this. */
const SETTLED = { ms: 1000, frames: 4, quickerMs: 8 } as const

/** Where a frame stands in time. */
export interface Placed {
  /** Its time stamp as `performance.now()`; null: cannot be told yet. */
  readonly stampedMs: number | null
  /** From its stamp to the one before, milliseconds, by the source's clock; null: it is the first. */
  readonly sincePreviousMs: number | null
}

/**
 * Turns the time stamps of a source into this process's time.
 *
 * Stamps of the system's own monotonic clock (Video4Linux, AVFoundation) are taken as they are. Any other source has a clock of its
 * own, whose distance to ours is not known; but a frame cannot arrive before it was stamped, so the quickest frame so far bounds it:
 * `arrival - stamp` of that frame. What this overestimates is the time that even the quickest frame took, which belongs into the rig's
 * `latencyMs`. Frames that waited somewhere on their way (this process was busy, ffmpeg was, the network was) have older stamps than
 * their arrival suggests and are seen to be old. Just after a start every frame has waited, so nothing is told until the way is free.
 * The bound grows by `DRIFT`, since clocks run apart. docs/decisions/0017.
 */
export class SourceClock {
  #host: boolean
  #offsetMs = Number.POSITIVE_INFINITY
  #reference = { offsetMs: Number.POSITIVE_INFINITY, stampMs: 0, frames: 0 }
  #last: { readonly stampMs: number; readonly arrivalMs: number } | null = null

  /** @param host its stamps should be this computer's monotonic clock; where they cannot be, they are taken for a clock of its own. */
  constructor(host: boolean) {
    this.#host = host
  }

  /** Stamps keep time with this process's: frames can be placed. */
  get settled(): boolean {
    const { stampMs, frames } = this.#reference
    return this.#host
      ? this.#last !== null
      : frames >= SETTLED.frames && this.#last !== null && this.#last.stampMs - stampMs >= SETTLED.ms
  }

  /** @returns null: a frame that came before, once more. */
  place(stampMs: number, arrivalMs: number): Placed | null {
    const last = this.#last
    if (last && stampMs === last.stampMs) return null
    // A clock that was set back is another clock.
    if (last && stampMs < last.stampMs) this.#forget()
    if (this.#host && !this.#plausible(stampMs, arrivalMs)) {
      this.#host = false
      this.#forget()
    }
    if (!this.#host) this.#measure(stampMs, arrivalMs)
    this.#last = { stampMs, arrivalMs }
    return {
      stampedMs: this.settled ? Math.min(arrivalMs, stampMs + (this.#host ? hostOffsetMs() : this.#offsetMs)) : null,
      sincePreviousMs: last && stampMs > last.stampMs ? stampMs - last.stampMs : null,
    }
  }

  #forget(): void {
    this.#offsetMs = Number.POSITIVE_INFINITY
    this.#reference = { offsetMs: Number.POSITIVE_INFINITY, stampMs: 0, frames: 0 }
    this.#last = null
  }

  #plausible(stampMs: number, arrivalMs: number): boolean {
    const ageMs = arrivalMs - (stampMs + hostOffsetMs())
    return ageMs > -HOST_AHEAD_MS && ageMs < HOST_BEFORE_MS
  }

  #measure(stampMs: number, arrivalMs: number): void {
    const slackMs = this.#last ? DRIFT * Math.max(0, arrivalMs - this.#last.arrivalMs) : 0
    this.#offsetMs = Math.min(this.#offsetMs + slackMs, arrivalMs - stampMs)
    this.#reference.offsetMs += slackMs
    if (this.#reference.offsetMs - this.#offsetMs > SETTLED.quickerMs) {
      this.#reference = { offsetMs: this.#offsetMs, stampMs, frames: 0 }
    }
    this.#reference.frames++
  }
}

/** From the system's monotonic clock to `performance.now()`, which counts the same from the start of the process. */
function hostOffsetMs(): number {
  return performance.now() - Number(process.hrtime.bigint()) / 1e6
}
