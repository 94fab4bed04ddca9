import type { SimulatedRig } from '../src/main/microscope/simulated-rig.ts'

/** Where the time went in which the stage was not at work, milliseconds in all. */
export interface Idle {
  /** From the end of an exposure until the next move was asked for. */
  betweenFields: number
  /** Command, and waking up after settling. */
  moving: number
  /** From asking for a frame until its exposure began. */
  waitingForFrame: number
  /** From the end of an exposure until the scan knew. */
  afterExposure: number
}

/** Watches a rig's stage and camera from the first field on: the focus search before it moves one axis at a time and is not looked at. */
export class StageTimes {
  readonly idle: Idle = { betweenFields: 0, moving: 0, waitingForFrame: 0, afterExposure: 0 }
  /** Exposures since the first field. */
  taken = 0
  /** When the first field's move was asked for, and when the last exposure was known to be over; 0: not yet. */
  startMs = 0
  endMs = 0
  readonly #exposureMs: number
  /** The end of the newest exposure, until the next move; null: moving. */
  #waitedSinceMs: number | null = null
  #busyBeforeMs = 0
  #busyAfterMs = 0

  constructor({ stage, camera }: SimulatedRig) {
    this.#exposureMs = camera.values.exposureMs ?? 0
    const moveTo = stage.moveTo.bind(stage)
    stage.moveTo = async (target, signal, ...rest) => {
      let betweenMs = 0
      const [fromMs, busyMs] = [performance.now(), stage.busyMs]
      const isField = target.xUm !== undefined && target.yUm !== undefined && target.zUm !== undefined
      if (this.startMs === 0 && isField) [this.startMs, this.#busyBeforeMs] = [fromMs, busyMs]
      else if (this.#waitedSinceMs !== null) betweenMs = fromMs - this.#waitedSinceMs
      this.#waitedSinceMs = null
      const position = await moveTo(target, signal, ...rest)
      // The stage is put to rest by its height alone: that belongs to no field.
      if (isField) this.idle.betweenFields += betweenMs
      if (this.startMs > 0) this.idle.moving += performance.now() - fromMs - (stage.busyMs - busyMs)
      return position
    }
    const startCaptureAfter = camera.startCaptureAfter.bind(camera)
    camera.startCaptureAfter = async (tMs, signal) => {
      const exposure = await startCaptureAfter(tMs, signal)
      if (this.startMs > 0) {
        this.idle.waitingForFrame += exposure.exposureStartMs - tMs
        this.idle.afterExposure += performance.now() - exposure.exposureEndMs
        this.taken++
        this.#busyAfterMs = stage.busyMs
        this.endMs = performance.now()
        this.#waitedSinceMs = this.endMs
      }
      return exposure
    }
  }

  /** What motion, settling and exposures need as the mechanics are, until the last exposure, milliseconds. */
  get boundMs(): number {
    return this.#busyAfterMs - this.#busyBeforeMs + this.taken * this.#exposureMs
  }

  /** Until the last exposure. */
  get elapsedMs(): number {
    return this.endMs - this.startMs
  }

  summary() {
    return {
      exposures: this.taken,
      msPerField: this.elapsedMs / this.taken,
      boundMsPerField: this.boundMs / this.taken,
      idleShare: (this.elapsedMs - this.boundMs) / this.elapsedMs,
      idleMsPerField: Object.fromEntries(Object.entries(this.idle).map(([what, ms]) => [what, ms / this.taken])),
    }
  }
}
