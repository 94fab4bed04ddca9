import { MedullaError } from '../../../shared/errors.ts'
import type { MoveManner, Stage, StageLimits, StagePosition } from '../../microscope/stage/stage.ts'

/** A stage in the hands of a scan or a calibration, as a person at the window still sees it: where it was last, and a halt that stops both. */
export class LentStage implements Stage {
  readonly #stage: Stage
  readonly #told: (position: StagePosition) => void

  constructor(stage: Stage, told: (position: StagePosition) => void) {
    this.#stage = stage
    this.#told = told
  }

  get name(): string {
    return this.#stage.name
  }

  get limits(): StageLimits {
    return this.#stage.limits
  }

  get retractedZUm(): number {
    return this.#stage.retractedZUm
  }

  async position(): Promise<StagePosition> {
    return this.#telling(await this.#stage.position())
  }

  async moveTo(target: Partial<StagePosition>, signal?: AbortSignal, manner?: MoveManner): Promise<StagePosition> {
    try {
      return this.#telling(await this.#stage.moveTo(target, signal, manner))
    } catch (error) {
      // Halted, and not by whoever moves it.
      if (!(error instanceof DOMException && error.name === 'AbortError') || signal?.aborted) throw error
      throw new MedullaError(
        'device-failed',
        'The stage was halted by hand',
        { remedy: 'See that all is well at the microscope, then go on.', motionPossible: true },
        { cause: error },
      )
    }
  }

  halt(): Promise<void> {
    return this.#stage.halt()
  }

  /** It is given back with the rig. */
  async close(): Promise<void> {}

  #telling(position: StagePosition): StagePosition {
    this.#told(position)
    return position
  }
}
