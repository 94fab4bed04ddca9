import type { SimulatedCameraOptions } from './simulated-camera-options.ts'
import { chanceOf } from './simulated-chance.ts'

/** One free-running exposure as the driver hands it out. Times are device milliseconds. */
export interface DeliveredFrame {
  readonly sequence: number
  readonly startMs: number
  readonly endMs: number
  /** Frames lost directly before this one while somebody was waiting. */
  readonly lost: number
}

const DROPPED = 1
const DUPLICATED = 2

/**
 * The order in which a free-running camera's driver hands out frames: buffered ones first, each as soon as it is exposed,
 * some lost, some twice. Which ones depends on the seed and the frame's number alone. Draws no pixels.
 */
export class SimulatedCameraDriver {
  readonly #options: SimulatedCameraOptions
  readonly #openedMs: number
  #next = 0
  #repeat: DeliveredFrame | null = null

  constructor(openedMs: number, options: SimulatedCameraOptions) {
    this.#openedMs = openedMs
    this.#options = options
  }

  /** The next frame for a reader who asks at `nowMs`; its end may lie in the future. */
  read(nowMs: number): DeliveredFrame {
    if (this.#repeat) {
      const repeated = this.#repeat
      this.#repeat = null
      return repeated
    }
    const { seed, framePeriodMs, exposureMs, bufferedFrames, dropShare, duplicateShare } = this.#options
    // Until the first reader comes, and between readers, newer frames push older ones out of the buffer.
    const exposed = Math.floor((nowMs - this.#openedMs - exposureMs) / framePeriodMs) + 1
    this.#next = Math.max(this.#next, exposed - bufferedFrames)
    let lost = 0
    while (chanceOf(seed, DROPPED, this.#next) < dropShare) {
      this.#next++
      lost++
    }
    const sequence = this.#next++
    const startMs = this.#openedMs + sequence * framePeriodMs
    const frame = { sequence, startMs, endMs: startMs + exposureMs, lost }
    if (chanceOf(seed, DUPLICATED, sequence) < duplicateShare) this.#repeat = { ...frame, lost: 0 }
    return frame
  }
}
